"""scikit-learn's base classes and checks of input where it is installed, else what DEC needs
of them."""

import inspect

import numpy as np

try:
    from sklearn.base import (
        BaseEstimator,
        ClassNamePrefixFeaturesOutMixin,
        ClusterMixin,
        TransformerMixin,
    )
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import validate_data

    HAS_SKLEARN = True
except ImportError:  # Also before its version 1.6, which has no validate_data.
    HAS_SKLEARN = False

    class BaseEstimator:
        """Parameters by the names that `__init__` gives them."""

        @classmethod
        def _names(cls):
            return [name for name in inspect.signature(cls.__init__).parameters if name != "self"]

        def get_params(self, deep=True):
            """The parameters by name."""
            return {name: getattr(self, name) for name in self._names()}

        def set_params(self, **parameters):
            """Sets parameters by name; returns the estimator."""
            for name, value in parameters.items():
                if name not in self._names():
                    raise ValueError(
                        f"Invalid parameter {name!r} for estimator {type(self).__name__}. "
                        f"Valid parameters are: {self._names()!r}."
                    )
                setattr(self, name, value)
            return self

        def __repr__(self):
            defaults = inspect.signature(type(self).__init__).parameters
            changed = [
                f"{name}={value!r}"
                for name, value in self.get_params().items()
                if repr(value) != repr(defaults[name].default)
            ]
            return f"{type(self).__name__}({', '.join(changed)})"

    class ClusterMixin:
        """Marks a clusterer in scikit-learn."""

    class TransformerMixin:
        """Marks a transformer in scikit-learn."""

    class ClassNamePrefixFeaturesOutMixin:
        """Names the output's columns in scikit-learn."""

    class NotFittedError(ValueError, AttributeError):
        """The estimator is used before `fit`."""


def is_sparse(X):
    """Whether X is a matrix or array of scipy.sparse, without importing it."""
    return hasattr(X, "tocsr") and not isinstance(X, np.ndarray)


def checked(estimator, X, *, fitting):
    """X as a float32 array or CSR matrix `[samples, features]` of finite values.

    Where `fitting`, sets `n_features_in_`, otherwise X must have as many columns.
    """
    if HAS_SKLEARN:
        with np.errstate(over="ignore"):  # What becomes infinite is refused.
            return validate_data(
                estimator, X, accept_sparse="csr", dtype=np.float32, order="C", reset=fitting
            )
    X = X.tocsr().astype(np.float32) if is_sparse(X) else np.asarray(X)
    if X.ndim != 2:
        raise ValueError(
            f"Expected 2D array, got {X.ndim}D array instead. Reshape your data by "
            "array.reshape(-1, 1) if it has one feature, by array.reshape(1, -1) if one sample."
        )
    if np.iscomplexobj(X):
        raise ValueError("Complex data not supported")
    if 0 in X.shape:
        raise ValueError(f"Found array with shape={X.shape} while a minimum of 1 is required.")
    if not is_sparse(X):
        with np.errstate(over="ignore"):
            X = np.ascontiguousarray(X, np.float32)
    if not np.isfinite(X.data if is_sparse(X) else X).all():
        raise ValueError("Input X contains NaN, infinity or a value too large for float32.")
    if fitting:
        estimator.n_features_in_ = X.shape[1]
    elif X.shape[1] != estimator.n_features_in_:
        raise ValueError(
            f"X has {X.shape[1]} features, but {type(estimator).__name__} is expecting "
            f"{estimator.n_features_in_} features as input."
        )
    return X
