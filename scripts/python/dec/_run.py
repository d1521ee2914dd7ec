"""Reads run folders."""

import functools
import json
import os
from collections import namedtuple

import numpy as np

from ._network import Network

TopAssignments = namedtuple("TopAssignments", ["probabilities", "clusters"])
TopAssignments.__doc__ = """The most probable clusters of each row, descending: `[n, m]` each."""

CHUNK = 1 << 16
"""Rows whose terms are counted at a time."""


def load(folder):
    """Opens a finished run folder of `dec train` or `dec cluster`; files are read when asked for.
    """
    return Run(folder)


class Run:
    """A finished run folder.

    Rows are in the order of `ids`: the dataset's, which is the input's unless `dec prepare`
    shuffled (`lyrl2004`, `--shuffle`). Arrays are mapped from their files, and read-only.
    """

    def __init__(self, folder):
        self.folder = os.fspath(folder)
        if not os.path.exists(self._path("run.json")):
            raise FileNotFoundError(f"{self.folder} has no run.json; is it a run folder of dec?")
        if not os.path.exists(self._path("assignments.npy")):
            raise ValueError(
                f"{self.folder} has no assignments.npy: the run was not clustered to its end; "
                "finish it by dec resume, or dec cluster"
            )

    def __repr__(self):
        return f"Run({self.folder!r}: {len(self.labels)} rows, {len(self.centroids)} clusters)"

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _array(self, name):
        return np.load(self._path(name), mmap_mode="r")

    @functools.cached_property
    def record(self):
        """`run.json`: every setting and the outcome."""
        with open(self._path("run.json"), encoding="utf-8") as file:
            return json.load(file)

    @functools.cached_property
    def labels(self):
        """The cluster of each row, int32 `[n]`."""
        return self._array("assignments.npy")

    @functools.cached_property
    def initial_labels(self):
        """The clusters before the KL phase, those of k-means on the autoencoder's codes."""
        return self._array("initial_assignments.npy")

    @functools.cached_property
    def soft_assignments(self):
        """q, float32 `[n, clusters]`; above 100 clusters `TopAssignments`."""
        if os.path.exists(self._path("soft_assignment.npy")):
            return self._array("soft_assignment.npy")
        return TopAssignments(self._array("soft_top.npy"), self._array("soft_top_clusters.npy"))

    @functools.cached_property
    def probabilities(self):
        """How probable each row's own cluster is, float32 `[n]`."""
        q = self.soft_assignments
        return q.probabilities[:, 0] if isinstance(q, TopAssignments) else q.max(axis=1)

    @functools.cached_property
    def embedding(self):
        """z, float32 `[n, code]`."""
        return self._array("embedding.npy")

    @functools.cached_property
    def network(self):
        """The encoder and the centroids; `network.embed(X)` is z of other rows."""
        return Network(self._path("model.safetensors"), self.input_scale)

    @property
    def input_scale(self):
        """What `dec prepare` multiplied the input by; 1 for text."""
        return self.record.get("features", {}).get("scale", 1.0)

    @property
    def centroids(self):
        """The cluster centres in the space of `embedding`, float32 `[clusters, code]`."""
        return self.network.centroids

    @functools.cached_property
    def ids(self):
        """The name of each row: a list of strings."""
        with open(self._path("ids.txt"), encoding="utf-8", newline="\n") as file:
            return file.read().split("\n")[:-1]

    @property
    def sizes(self):
        """Rows of each cluster, `[clusters]`."""
        return np.bincount(self.labels, minlength=len(self.centroids))

    def to_frame(self):
        """A DataFrame of pandas with a row a document: id, cluster and its probability."""
        import pandas

        return pandas.DataFrame(
            {"id": self.ids, "cluster": self.labels, "probability": self.probabilities}
        )

    @property
    def metrics(self):
        """The course of training, an event a row: a DataFrame, or a list of dicts without
        pandas."""
        with open(self._path("metrics.jsonl"), encoding="utf-8") as file:
            return _frame([json.loads(line) for line in file])

    @property
    def terms(self):
        """The terms that set each cluster of text apart: see `top_terms`."""
        return self.top_terms()

    def top_terms(self, count=10):
        """The terms whose mean weight in a cluster exceeds the corpus's mean by most.

        Returns a DataFrame with a row a cluster and the columns cluster, size and terms (a list,
        the largest excess first); a list of dicts without pandas. They are counted in the
        dataset folder that `run.json` names, and must be of text.
        """
        folder = self.record["dataset"]["path"]
        vocabulary = os.path.join(folder, "vocabulary.tsv")
        if not os.path.exists(vocabulary):
            raise ValueError(f"{folder}, the run's dataset, is no longer there, or is not of text")
        if _fingerprint(folder) != self.record["dataset"]["fingerprint"]:
            raise ValueError(f"{folder} is another dataset than that of {self.folder}")
        with open(vocabulary, encoding="utf-8", newline="\n") as file:
            names = [line.split("\t")[0] for line in file]
        sums, sizes = self._sums(folder, len(names)), self.sizes
        mean = sums.sum(axis=0) / len(self.labels)
        rows = []
        for cluster, size in enumerate(sizes.tolist()):
            excess = sums[cluster] / max(size, 1) - mean
            best = np.argsort(-excess, kind="stable")[:count]
            terms = [names[j] for j in best if excess[j] > 0]
            rows.append({"cluster": cluster, "size": size, "terms": terms})
        return _frame(rows)

    def _sums(self, folder, features):
        """The sum of the rows of each cluster, `[clusters, features]`."""
        starts, indices, data = (
            np.load(os.path.join(folder, name), mmap_mode="r")
            for name in ("indptr.npy", "indices.npy", "data.npy")
        )
        shape = len(self.centroids), features
        sums = np.zeros(shape)
        for first in range(0, len(self.labels), CHUNK):
            bounds = starts[first : first + CHUNK + 1]
            own = slice(bounds[0], bounds[-1])
            cluster = np.repeat(self.labels[first : first + CHUNK], np.diff(bounds))
            cells = np.ravel_multi_index((cluster, indices[own]), shape)
            sums += np.bincount(cells, data[own], sums.size).reshape(shape)
        return sums


def _fingerprint(dataset):
    """The checksums of the files that training reads of a dataset, as `run.json` holds them."""
    with open(os.path.join(dataset, "dataset.json"), encoding="utf-8") as file:
        files = json.load(file)["files"]
    read = sorted(set(files) - {"openings.txt", "opening_offsets.npy", "words.txt"})
    return "-".join(f"{files[name]['crc32']:x}" for name in read)


def _frame(rows):
    """A DataFrame of dicts, or the dicts where pandas is not installed."""
    try:
        import pandas
    except ImportError:
        return rows
    return pandas.DataFrame(rows)
