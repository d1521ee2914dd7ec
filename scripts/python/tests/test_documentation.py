"""Every block of the README and of docs runs, in order, in one folder a page, with short trainings.

A block that needs root, several machines or half an hour has `<!-- not run: why -->` above it.
"""

import json
import os
import re
import shlex
import stat
import subprocess
import sys
import types
import unittest
from unittest import mock

import numpy as np

import dec
from dec._program import Program, _environment, find

from .support import TINY, TINY_OPTIONS, ProgramTestCase, blobs, needs, needs_mpirun

ROOT = os.path.join(os.path.dirname(__file__), "../../..")

WRAPPER = """#!/bin/bash
command=$1
case $command in
  train) exec {dec} "$@" --trials 1 --threads 1 {tiny} ;;
  cluster) exec {dec} "$@" --max-iterations 20 ;;
  *) exec {dec} "$@" ;;
esac
"""

SUBJECTS = [
    "ship harbour cargo sailor tide anchor deck storm",
    "flour butter oven sugar dough bake cream pastry",
    "court judge lawyer trial verdict appeal witness law",
    "piano violin melody concert chord singer opera choir",
]

# A made-up corpus under the names of the published one, of which the first file has it all.
PUBLISHED_NAMES = """
for part in test_pt1 test_pt2 test_pt3 train; do gzip < /dev/null > lyrl2004_tokens_$part.dat.gz; done
gzip < rcv1/tokens_0.dat > lyrl2004_tokens_test_pt0.dat.gz
gzip < rcv1/topics.qrels > rcv1-v2.topics.qrels.gz
"""


def page(path):
    """The text of a page."""
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def blocks(path):
    """The blocks of code of a page: why each is not run (or None), its language, its text."""
    form = r"(?:^<!-- not run: ([^\n]*) -->\n)?^```(\w*)\n(.*?)^```$"
    return re.findall(form, page(path), re.DOTALL | re.MULTILINE)


def texts(count):
    """Short texts about four subjects."""
    random = np.random.default_rng(0)
    words = [subject.split() for subject in SUBJECTS]
    return [" ".join(random.choice(words[i % 4], 8)) for i in range(count)]


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


class PageTestCase(ProgramTestCase):
    """Runs the blocks of a page in a folder with small files of the names that they use."""

    def setUp(self):
        super().setUp()
        self.write("dec", WRAPPER.format(dec=shlex.quote(find()), tiny=" ".join(TINY_OPTIONS)))
        os.chmod(self.path("dec"), stat.S_IRWXU)
        np.save(self.path("embeddings.npy"), blobs(k=20))
        rows = texts(150)
        self.write("table.csv", "id,body\n" + "".join(f"{i},{t}\n" for i, t in enumerate(rows)))
        rows = rows[:60]
        self.write("titles.txt", "".join(f"{text}\n" for text in rows))
        self.write("my-words.txt", "harbour\noven\n")
        labelled = [{"text": text, "label": str(i % 4)} for i, text in enumerate(rows)]
        self.write("articles.jsonl", "".join(f"{json.dumps(row)}\n" for row in labelled))
        for folder in ("letters", "new-letters"):
            os.mkdir(self.path(folder))
            for i, text in enumerate(rows):
                self.write(f"{folder}/{i:03}.txt", text)
        folder = os.getcwd()
        self.addCleanup(os.chdir, folder)
        os.chdir(self.folder)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def run_page(self, path, languages=("python", "sh")):
        """Runs the blocks of a page, and returns the names that its Python has set."""
        package = types.ModuleType("sentence_transformers")
        package.SentenceTransformer = SentenceTransformer
        names, count = {}, 0
        with (
            mock.patch.dict(sys.modules, sentence_transformers=package),
            mock.patch("dec.DEC", short_training),
            mock.patch("builtins.print"),
        ):
            for reason, language, block in blocks(path):
                if reason or language not in languages:
                    continue
                count += 1
                if language == "python":
                    exec(compile(block, path, "exec"), names)
                else:
                    self.run_shell(path, block)
        self.assertGreater(count, 0)
        return names

    def run_shell(self, path, block):
        environment = _environment()
        environment["PATH"] = self.folder + os.pathsep + environment["PATH"]
        environment["OMPI_MCA_rmaps_base_oversubscribe"] = "1"
        ended = subprocess.run(
            ["bash", "-ec", block], env=environment, capture_output=True, check=False, text=True
        )
        self.assertEqual(ended.returncode, 0, f"{path}:\n{block}\n{ended.stdout}{ended.stderr}")


@needs_mpirun
class DocumentationTests(PageTestCase):
    def test_readme(self):
        program = Program()
        options = ["--documents", "60", "--as-text", "--output", self.path("rcv1")]
        program.run(["prepare", "synthetic", *options])
        self.run_shell("", PUBLISHED_NAMES)
        self.run_page("README.md")
        with open(self.path("clusters.tsv"), encoding="utf-8") as file:
            self.assertEqual(len(file.readlines()), 61)

    def test_tutorial(self):
        os.mkdir(self.path("scripts"))
        self.write("scripts/package-descriptions", "#!/bin/sh\ncat articles.jsonl\n")
        os.chmod(self.path("scripts/package-descriptions"), stat.S_IRWXU)
        self.run_page("docs/tutorial.md")
        with open(self.path("named.tsv"), encoding="utf-8") as file:
            self.assertEqual(len(file.readlines()), 60)

    def test_formats(self):
        self.run_page("docs/formats.md")

    @needs("pandas")
    @needs("torch")
    def test_python_page(self):
        names = self.run_page("docs/python.md")
        self.check_encoder(names)

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


class PageTests(unittest.TestCase):
    def test_blocks_are_run_or_say_why_not(self):
        for path, most in (("README.md", 3), ("docs/tutorial.md", 1)):
            languages = {language for _, language, _ in blocks(path)}
            self.assertLessEqual(languages, {"sh", "python", "text"}, path)
            reasons = [reason for reason, _, _ in blocks(path) if reason]
            self.assertLessEqual(len(reasons), most, path)

    def test_links_lead_somewhere(self):
        pages = ["README.md", "CONTRIBUTING.md"]
        pages += [f"docs/{name}" for name in os.listdir(f"{ROOT}/docs") if name.endswith(".md")]
        for path in pages:
            folder = os.path.dirname(os.path.join(ROOT, path))
            prose = re.sub(r"^```.*?^```$", "", page(path), flags=re.DOTALL | re.MULTILINE)
            for target in re.findall(r"\]\(([^)#:]+)[^):]*\)", prose):
                self.assertTrue(os.path.exists(os.path.join(folder, target)), f"{path}: {target}")


class SettingsPageTests(ProgramTestCase):
    def test_every_option_is_there(self):
        described = set(re.findall(r"--[a-z][a-z-]+", page("docs/settings.md")))
        for command in (["train"], ["prepare", "text"]):
            usage = subprocess.run(
                [find(), *command, "--help"], capture_output=True, check=True, text=True
            )
            options = set(re.findall(r"--[a-z][a-z-]+", usage.stdout)) - {"--help"}
            self.assertGreater(len(options), 10)
            self.assertLessEqual(options, described, command)

    def test_help_has_the_defaults(self):
        usage = subprocess.run(
            [find(), "train", "--help"], capture_output=True, check=True, text=True
        ).stdout
        helps = {}
        for entry in re.split(r"\n  (?=--)", usage):
            helps[entry.split()[0]] = " ".join(entry.split())
        compared = 0
        for row in re.findall(r"^\| `(--[a-z-]+)` \|(.*)\|[^|]*\|$", page("docs/settings.md"), re.M):
            cells = [cell.strip() for cell in row[1].split("|")]
            if len(cells) == 5 and re.match(r"[0-9]|true|false|best|raw|unit|adam|glorot", cells[0]):
                for cell in set(cells) - {"", "none"}:
                    self.assertIn(cell, helps[row[0]], row[0])
                    compared += 1
        self.assertGreater(compared, 40)


if __name__ == "__main__":
    unittest.main()
