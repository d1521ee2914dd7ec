"""What the tests share: small data, settings of a fraction of a second, skips with reasons."""

import importlib
import os
import shutil
import tempfile
import unittest

import numpy as np

from dec._program import Program

# Many short programs: starting a thread for each core would take longer than the work.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

TINY = {
    "layers": (16, 4),
    "layerwise_iterations": 20,
    "finetune_iterations": 20,
    "max_iterations": 20,
    "pretrain_learning_rate": 0.003,
    "restarts": 10,
    "trials": 1,
    "threads": 1,
}
"""Settings of `DEC` that train for a moment."""

TINY_OPTIONS = [
    "--layers=16,4",
    "--layerwise-iterations=20",
    "--finetune-iterations=20",
    "--max-iterations=20",
    "--pretrain-learning-rate=0.1",
    "--restarts=10",
]
"""The same for the command line."""


def blobs(n=150, d=12, k=3, seed=0):
    """Rows around k centres, float32 `[n, d]`."""
    random = np.random.default_rng(seed)
    centres = 6 * random.normal(size=(k, d))
    rows = centres[np.arange(n) % k] + random.normal(size=(n, d))
    return rows.astype(np.float32)


def needs(name):
    """Skips a test where a package is missing."""
    try:
        importlib.import_module(name)
    except ImportError:
        return unittest.skip(f"{name} is not installed")
    return lambda test: test


needs_mpirun = unittest.skipUnless(shutil.which("mpirun"), "mpirun is not installed")


class ProgramTestCase(unittest.TestCase):
    """Tests that start dec, each with a folder of its own."""

    @classmethod
    def setUpClass(cls):
        if "DEC" not in os.environ and shutil.which("dec") is None:
            raise unittest.SkipTest("there is no dec: set DEC to its path")

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="dec-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        """A path in the test's folder."""
        return os.path.join(self.folder, name)

    def train(self, *prepare, clusters=3, options=()):
        """The run folder of a training on what `dec prepare` makes of its arguments."""
        program, data, run = Program(), self.path("data"), self.path("run")
        program.run(["prepare", *prepare, "--output", data])
        command = ["train", data, "--clusters", clusters, "--output", run, "--trials=1"]
        program.run([*command, *TINY_OPTIONS, *options])
        return run
