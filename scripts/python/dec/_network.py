"""The encoder and Eq. 1 in numpy."""

import numpy as np

from ._safetensors import read_safetensors

CHUNK = 4096
"""Rows that pass through the encoder at a time, so that its wide layers take little memory."""


class Network:
    """The encoder and the centroids of a `model.safetensors`.

    Its values are those of `embedding.npy` and `soft_assignment.npy` but for the rounding of
    float32, since numpy adds in another order than dec.
    """

    def __init__(self, source, scale=1.0):
        """Reads the model.

        source: the path of the file, or its content as bytes.
        scale: what `dec prepare` multiplied the input by, `features.scale` in `run.json`.
        """
        tensors, metadata = read_safetensors(source)
        numbers = sorted(
            int(name.split(".")[1])
            for name in tensors
            if name.startswith("encoder.") and name.endswith(".weight")
        )
        self.weights = [tensors[f"encoder.{l}.weight"] for l in numbers]
        self.biases = [tensors[f"encoder.{l}.bias"] for l in numbers]
        self.centroids = tensors.get("centroids")
        self.input_scale = np.float32(scale)
        is_unit = metadata.get("code", "raw") == "unit"
        self.code_scale = np.float32(metadata.get("code_scale", 1)) if is_unit else None

    def embed(self, X):
        """The embedding z of rows as they were before `dec prepare` scaled them.

        X: `[samples, features]`, dense or a CSR matrix of scipy. Returns `[samples, code]`.
        """
        z = np.empty((X.shape[0], len(self.biases[-1])), np.float32)
        for start in range(0, X.shape[0], CHUNK):
            z[start : start + CHUNK] = self._embed(X[start : start + CHUNK])
        return z

    def _embed(self, x):
        h = x.astype(np.float32) * self.input_scale
        for l, (weight, bias) in enumerate(zip(self.weights, self.biases)):
            h = h @ weight.T + bias
            if l + 1 < len(self.weights):
                h = np.maximum(h, 0)
        if self.code_scale is not None:
            length = np.linalg.norm(h, axis=1, keepdims=True)
            h = self.code_scale * h / np.where(length > 0, length, 1)
        return h

    def soft_assignment(self, z):
        """q, Eq. 1 with alpha = 1. z is `[samples, code]`; returns `[samples, clusters]`."""
        z, mu = np.asarray(z, np.float64), self.centroids.astype(np.float64)
        q = np.empty((len(z), len(mu)), np.float32)
        for start in range(0, len(z), CHUNK):
            part = z[start : start + CHUNK]
            squares = (part**2).sum(1)[:, None] + (mu**2).sum(1) - 2 * part @ mu.T
            kernel = 1 / (1 + np.maximum(squares, 0))
            q[start : start + CHUNK] = kernel / kernel.sum(1, keepdims=True)
        return q
