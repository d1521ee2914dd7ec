"""Every block of docs/python.md runs, in order, in one folder, with short trainings."""

import os
import re
import shlex
import stat
import subprocess
import sys
import types
from unittest import mock

import numpy as np

import dec
from dec._program import _environment, find

from .support import TINY, TINY_OPTIONS, ProgramTestCase, blobs, needs, needs_mpirun

PAGE = os.path.join(os.path.dirname(__file__), "../../../docs/python.md")

WRAPPER = """#!/bin/bash
command=$1
case $command in
  train) exec {dec} "$@" --trials 1 {tiny} ;;
  cluster) exec {dec} "$@" --max-iterations 20 ;;
  *) exec {dec} "$@" ;;
esac
"""


def short_training(*arguments, **parameters):
    """DEC with settings that train for a moment."""
    settings = dict(TINY)
    if "model" in parameters:
        settings = {"max_iterations": 20, "threads": 1}
    return DEC(*arguments, **{**settings, **parameters})


DEC = dec.DEC


class SentenceTransformer:
    """Stands for that of the package, whose models are large."""

    def __init__(self, name):
        self.name = name

    def encode(self, texts):
        return blobs(n=len(texts), k=20)


@needs("pandas")
@needs("torch")
@needs_mpirun
class DocumentationTests(ProgramTestCase):
    def setUp(self):
        super().setUp()
        with open(self.path("dec"), "w", encoding="utf-8") as file:
            file.write(WRAPPER.format(dec=shlex.quote(find()), tiny=" ".join(TINY_OPTIONS)))
        os.chmod(self.path("dec"), stat.S_IRWXU)
        np.save(self.path("embeddings.npy"), blobs(k=20))
        with open(self.path("table.csv"), "w", encoding="utf-8") as file:
            file.write("id,body\n" + "".join(f"{i},text {i}\n" for i in range(150)))
        folder = os.getcwd()
        self.addCleanup(os.chdir, folder)
        os.chdir(self.folder)

    def test_every_block_runs(self):
        with open(PAGE, encoding="utf-8") as file:
            blocks = re.findall(r"```(python|sh)\n(.*?)```", file.read(), re.DOTALL)
        package = types.ModuleType("sentence_transformers")
        package.SentenceTransformer = SentenceTransformer
        names = {}
        with (
            mock.patch.dict(sys.modules, sentence_transformers=package),
            mock.patch("dec.DEC", short_training),
            mock.patch("builtins.print"),
        ):
            for language, block in blocks:
                if language == "python":
                    exec(compile(block, "docs/python.md", "exec"), names)
                else:
                    self.run_shell(block)
        self.assertGreater(len(blocks), 6)
        self.check_encoder(names)

    def run_shell(self, block):
        environment = _environment()
        environment["PATH"] = self.folder + os.pathsep + environment["PATH"]
        environment["OMPI_MCA_rmaps_base_oversubscribe"] = "1"
        subprocess.run(
            ["bash", "-ec", block], env=environment, check=True, capture_output=True
        )

    def check_encoder(self, names):
        """The module repeats embedding.npy, with the raw code and with the unit code."""
        z = names["z"].detach().numpy()
        np.testing.assert_allclose(z, dec.load("run").embedding, atol=1e-4)
        self.assertEqual(names["model"].cluster_centers_.shape, (20, 10))
        options = ["--code", "unit"]
        model = DEC(3, output="unit", options=options, **TINY).fit(np.load("embeddings.npy"))
        tensors, metadata = dec.read_safetensors("unit/run/model.safetensors")
        encoder = names["Encoder"](tensors, metadata, dec.load("unit/run").input_scale)
        z = encoder(names["torch"].tensor(np.load("embeddings.npy"))).detach().numpy()
        np.testing.assert_allclose(z, model.embedding_, atol=1e-4)
