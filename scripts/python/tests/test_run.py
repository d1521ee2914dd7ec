"""Run folders as `load` reads them."""

import json
import os

import numpy as np

import dec
from dec._program import Program

from .support import ProgramTestCase, blobs, needs

TOPICS = ("ship port cargo harbour", "goal match league coach", "galaxy star planet orbit")


def write_texts(path, n=90):
    """Documents of three topics with two words of their own each, in turn."""
    random = np.random.default_rng(0)
    with open(path, "w", encoding="utf-8") as file:
        for i in range(n):
            words = random.permutation(TOPICS[i % 3].split())[:3].tolist() + ["report", "today"]
            print(json.dumps({"id": f"text-{i}", "text": " ".join(words)}), file=file)


class TextRunTests(ProgramTestCase):
    def setUp(self):
        super().setUp()
        write_texts(self.path("texts.jsonl"))
        self.run_folder = self.train("text", self.path("texts.jsonl"), "--no-stem")

    def test_arrays_in_the_order_of_the_input(self):
        run = dec.load(self.run_folder)
        self.assertEqual(run.ids, [f"text-{i}" for i in range(90)])
        self.assertEqual(run.labels.shape, (90,))
        self.assertEqual(run.initial_labels.shape, (90,))
        self.assertEqual(run.embedding.shape, (90, 4))
        self.assertEqual(run.soft_assignments.shape, (90, 3))
        self.assertEqual(run.centroids.shape, (3, 4))
        self.assertEqual(run.sizes.sum(), 90)
        self.assertEqual(run.record["clustering"]["clusters"], 3)
        rows = np.arange(90)
        np.testing.assert_array_equal(run.probabilities, run.soft_assignments[rows, run.labels])

    def test_terms_are_the_words_of_the_topics(self):
        terms = dec.load(self.run_folder).top_terms(2)
        rows = terms if isinstance(terms, list) else terms.to_dict("records")
        run = dec.load(self.run_folder)
        for row in rows:
            self.assertEqual(row["size"], (run.labels == row["cluster"]).sum())
            self.assertLessEqual(len(row["terms"]), 2)
            # The largest part of the cluster tells whose words these are.
            members = np.flatnonzero(run.labels == row["cluster"])
            topic = np.bincount(members % 3).argmax()
            if np.mean(members % 3 == topic) > 0.9:
                self.assertLessEqual(set(row["terms"]), set(TOPICS[topic].split()))

    def test_terms_without_the_dataset(self):
        os.rename(self.path("data"), self.path("elsewhere"))
        with self.assertRaisesRegex(ValueError, "no longer there"):
            dec.load(self.run_folder).top_terms()

    def test_terms_of_another_dataset(self):
        write_texts(self.path("texts.jsonl"), n=60)
        texts = ["text", self.path("texts.jsonl"), "--output", self.path("data"), "--overwrite"]
        Program().run(["prepare", *texts])
        with self.assertRaisesRegex(ValueError, "another dataset"):
            dec.load(self.run_folder).top_terms()

    def test_metrics_are_the_events_of_training(self):
        metrics = dec.load(self.run_folder).metrics
        phases = [row["phase"] for row in metrics] if isinstance(metrics, list) else [
            *metrics["phase"]
        ]
        self.assertIn("finetune", phases)
        self.assertEqual(phases[-1], "kl")

    @needs("pandas")
    def test_frames(self):
        run = dec.load(self.run_folder)
        frame = run.to_frame()
        self.assertEqual([*frame.columns], ["id", "cluster", "probability"])
        self.assertEqual([*frame["id"]], run.ids)
        self.assertEqual([*run.terms.columns], ["cluster", "size", "terms"])
        self.assertIn("loss", run.metrics.columns)


class NumberRunTests(ProgramTestCase):
    def setUp(self):
        super().setUp()
        np.save(self.path("X.npy"), blobs())

    def test_the_network_repeats_embedding_and_soft_assignment(self):
        for code in ("raw", "unit"):
            with self.subTest(code=code):
                run = dec.load(self.train_again(code))
                z = run.network.embed(blobs())
                np.testing.assert_allclose(z, run.embedding, atol=1e-5)
                q = run.network.soft_assignment(z)
                np.testing.assert_allclose(q, run.soft_assignments, atol=1e-5)

    def train_again(self, code):
        options = ("--code", code, "--overwrite")
        return self.train("npy", self.path("X.npy"), "--overwrite", options=options)

    def test_above_a_hundred_clusters(self):
        run = dec.load(self.train("npy", self.path("X.npy"), clusters=101))
        self.assertEqual(run.soft_assignments.clusters.shape, (150, 10))
        np.testing.assert_array_equal(run.soft_assignments.clusters[:, 0], run.labels)
        np.testing.assert_array_equal(run.probabilities, run.soft_assignments.probabilities[:, 0])

    def test_folders_that_hold_no_clustering(self):
        with self.assertRaisesRegex(FileNotFoundError, "no run.json"):
            dec.load(self.folder)
        Program().run(["prepare", "npy", self.path("X.npy"), "--output", self.path("data")])
        Program().run(["pretrain", self.path("data"), "--output", self.path("ae"),
                       "--layers=4", "--layerwise-iterations=5", "--finetune-iterations=5"])
        with self.assertRaisesRegex(ValueError, "not clustered to its end"):
            dec.load(self.path("ae"))
