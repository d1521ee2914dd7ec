"""Deep Embedded Clustering in scikit-learn's conventions."""

import contextlib
import os
import tempfile

import numpy as np

from ._compatibility import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    ClusterMixin,
    NotFittedError,
    TransformerMixin,
    checked,
    is_sparse,
)
from ._network import Network
from ._program import Program
from ._run import load

MODEL_FILES = ("run.json", "model.safetensors")
"""What `dec assign` needs of a run folder whose input were numbers."""


class DEC(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClusterMixin, BaseEstimator):
    """Clusters rows by the program dec.

    Parameters that are None keep the preset's value; README and `dec train --help` describe
    them.

    n_clusters: k.
    preset: "default" or "paper".
    layers: widths of the encoder's layers, the embedding last, such as (500, 500, 2000, 10).
    model: a pretrained autoencoder (a run folder or .safetensors file) to start from; then
        neither `layers` nor the iterations of pretraining may be given.
    batch_size, layerwise_iterations, finetune_iterations, max_iterations, update_interval,
    tolerance, learning_rate, pretrain_learning_rate, restarts, trials: as the options of
        `dec train`.
    random_state: the seed, or a generator of numpy that draws it; None for another each time.
    n_ranks: ranks of MPI that train together; more than 1 needs mpirun.
    threads: threads of each rank; None for its cores.
    options: further options of `dec train`, a list such as ["--code", "raw"].
    dec: the program; None for the environment variable DEC, or `dec` on PATH.
    mpirun_options: further options of mpirun, such as ["--hostfile", "hosts"].
    output: a folder that keeps the dataset (`data`) and the run (`run`, with `report.html`);
        None for a temporary one, in TMPDIR, that is removed after fitting.
    overwrite: whether what `output` holds is replaced.
    verbose: whether dec's progress is printed.

    Attributes after `fit`, row i being row i of X:

    labels_: clusters, int32 `[n]`.
    embedding_: z, float32 `[n, code]`.
    soft_assignment_: q, float32 `[n, k]`; above 100 clusters (probabilities, clusters) of the
        most probable.
    cluster_centers_: in the space of `embedding_`, float32 `[k, code]`.
    record_: `run.json`, a dict. n_iter_: iterations of the KL phase. n_features_in_: columns.
    """

    def __init__(
        self,
        n_clusters=8,
        *,
        preset="default",
        layers=None,
        model=None,
        batch_size=None,
        layerwise_iterations=None,
        finetune_iterations=None,
        max_iterations=None,
        update_interval=None,
        tolerance=None,
        learning_rate=None,
        pretrain_learning_rate=None,
        restarts=None,
        trials=None,
        random_state=0,
        n_ranks=1,
        threads=None,
        options=(),
        dec=None,
        mpirun_options=(),
        output=None,
        overwrite=False,
        verbose=False,
    ):
        self.n_clusters = n_clusters
        self.preset = preset
        self.layers = layers
        self.model = model
        self.batch_size = batch_size
        self.layerwise_iterations = layerwise_iterations
        self.finetune_iterations = finetune_iterations
        self.max_iterations = max_iterations
        self.update_interval = update_interval
        self.tolerance = tolerance
        self.learning_rate = learning_rate
        self.pretrain_learning_rate = pretrain_learning_rate
        self.restarts = restarts
        self.trials = trials
        self.random_state = random_state
        self.n_ranks = n_ranks
        self.threads = threads
        self.options = options
        self.dec = dec
        self.mpirun_options = mpirun_options
        self.output = output
        self.overwrite = overwrite
        self.verbose = verbose

    # Fitting

    def fit(self, X, y=None):
        """Trains on the rows of X, dense or of scipy.sparse; y is not looked at."""
        X = checked(self, X, fitting=True)
        if X.shape[0] < self.n_clusters:
            raise ValueError(
                f"n_samples={X.shape[0]} should be >= n_clusters={self.n_clusters}."
            )
        program = self._program()
        with self._output_folder() as folder:
            data, run = os.path.join(folder, "data"), os.path.join(folder, "run")
            self._prepare(program, X, data)
            program.run(self._train_command(data, run), all_ranks=True)
            self._take(load(run))
        return self

    def _train_command(self, data, run):
        if self.model is None:
            command = ["train", data]
        else:
            command = ["cluster", data, "--model", self.model]
        command += ["--output", run, "--clusters", self.n_clusters, "--preset", self.preset]
        command += ["--seed", self._seed(), *self._given_options(), *self.options]
        return command + (["--overwrite"] if self.overwrite else [])

    def _given_options(self):
        """The options of those parameters that are not None."""
        names = (
            "batch_size layerwise_iterations finetune_iterations max_iterations update_interval "
            "tolerance learning_rate pretrain_learning_rate restarts trials threads"
        ).split()
        values = {name: getattr(self, name) for name in names}
        if self.layers is not None:
            values["layers"] = ",".join(map(str, self.layers))
        for name, value in values.items():
            if value is not None:
                yield from ("--" + name.replace("_", "-"), value)

    def _seed(self):
        if self.random_state is None:
            return np.random.randint(2**31)
        if hasattr(self.random_state, "integers"):
            return self.random_state.integers(2**31)
        if hasattr(self.random_state, "randint"):
            return self.random_state.randint(2**31)
        return self.random_state

    def _take(self, run):
        """Keeps what the run found, and its model; its folder may go."""
        self.labels_ = np.array(run.labels)
        self.embedding_ = np.array(run.embedding)
        q = run.soft_assignments
        self.soft_assignment_ = type(q)(*map(np.array, q)) if isinstance(q, tuple) else np.array(q)
        self.cluster_centers_ = np.array(run.centroids)
        self.record_ = run.record
        self.n_iter_ = run.record["outcome"]["iterations"]
        self._n_features_out = self.embedding_.shape[1]
        self._input_scale = run.input_scale
        self._files = {}
        for name in MODEL_FILES:
            with open(os.path.join(run.folder, name), "rb") as file:
                self._files[name] = file.read()

    # Using the model

    def predict(self, X):
        """The clusters of new rows, by `dec assign`: those of the training get `labels_`."""
        self._check_is_fitted()
        X = checked(self, X, fitting=False)
        program = self._program()
        with tempfile.TemporaryDirectory(prefix="dec-") as folder:
            run, clusters = os.path.join(folder, "run"), os.path.join(folder, "clusters.npy")
            self._write_model(run)
            if is_sparse(X):
                rows = os.path.join(folder, "data")
                self._prepare(program, X, rows, "--scale", repr(self._input_scale))
            else:
                rows = os.path.join(folder, "rows.npy")
                np.save(rows, X)
            threads = [] if self.threads is None else ["--threads", self.threads]
            program.run(["assign", run, rows, "--output", clusters, *threads])
            return np.load(clusters)

    def transform(self, X):
        """The embedding z of rows, float32 `[n, code]`."""
        return self._rows_and_network(X, lambda X, network: network.embed(X))

    def soft_assign(self, X):
        """q of rows, float32 `[n, k]`: Student's t on the distances of z to the centres (Eq. 1).
        """
        # Not predict_proba: scikit-learn's checks take what has that for a classifier.
        return self._rows_and_network(X, lambda X, net: net.soft_assignment(net.embed(X)))

    def fit_predict(self, X, y=None):
        """`fit`, then `labels_`."""
        return self.fit(X).labels_

    def fit_transform(self, X, y=None):
        """`fit`, then `embedding_`."""
        return self.fit(X).embedding_

    def save(self, path):
        """Writes the model as .safetensors, for PyTorch or `dec cluster --model`."""
        self._check_is_fitted()
        with open(path, "wb") as file:
            file.write(self._files["model.safetensors"])

    def _rows_and_network(self, X, function):
        self._check_is_fitted()
        X = checked(self, X, fitting=False)
        return function(X, Network(self._files["model.safetensors"], self._input_scale))

    def _check_is_fitted(self):
        if not hasattr(self, "labels_"):
            raise NotFittedError("This DEC instance is not fitted yet. Call 'fit' first.")

    # Files

    def _program(self):
        return Program(
            self.dec,
            n_ranks=self.n_ranks,
            mpirun_options=self.mpirun_options,
            verbose=self.verbose,
        )

    @contextlib.contextmanager
    def _output_folder(self):
        if self.output is None:
            with tempfile.TemporaryDirectory(prefix="dec-") as folder:
                yield folder
        else:
            os.makedirs(self.output, exist_ok=True)
            yield os.fspath(self.output)

    def _prepare(self, program, X, data, *options):
        """Writes X as a dataset folder."""
        replace = ["--overwrite"] if self.overwrite else []
        with tempfile.TemporaryDirectory(prefix="dec-") as folder:
            if is_sparse(X):
                from scipy import sparse

                kind, path = "npz", os.path.join(folder, "X.npz")
                sparse.save_npz(path, sparse.csr_matrix(X), compressed=False)
            else:
                kind, path = "npy", os.path.join(folder, "X.npy")
                np.save(path, X)
            program.run(["prepare", kind, path, "--output", data, *options, *replace])

    def _write_model(self, folder):
        os.mkdir(folder)
        for name, content in self._files.items():
            with open(os.path.join(folder, name), "wb") as file:
                file.write(content)

    # What scikit-learn asks

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags
