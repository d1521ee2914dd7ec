"""DEC as a user calls it."""

import os
import pickle

import numpy as np

import dec
from dec._compatibility import NotFittedError

from .support import TINY, ProgramTestCase, blobs, needs, needs_mpirun


class EstimatorTests(ProgramTestCase):
    def setUp(self):
        super().setUp()
        self.X = blobs()

    def test_fit_finds_the_blobs(self):
        model = dec.DEC(3, **TINY).fit(self.X)
        self.assertEqual(model.labels_.shape, (150,))
        largest = [np.bincount(model.labels_[i::3]).max() for i in range(3)]
        self.assertGreater(sum(largest), 142)  # 95 % of 150
        self.assertEqual(set(model.labels_), {0, 1, 2})
        self.assertEqual(model.embedding_.shape, (150, 4))
        self.assertEqual(model.cluster_centers_.shape, (3, 4))
        np.testing.assert_allclose(model.soft_assignment_.sum(axis=1), 1, rtol=1e-5)
        np.testing.assert_array_equal(model.soft_assignment_.argmax(axis=1), model.labels_)
        self.assertEqual(model.n_features_in_, 12)
        self.assertEqual(model.record_["clustering"]["clusters"], 3)

    def test_rows_of_the_training_get_their_own_results_again(self):
        model = dec.DEC(3, **TINY).fit(self.X)
        np.testing.assert_array_equal(model.predict(self.X), model.labels_)
        np.testing.assert_allclose(model.transform(self.X), model.embedding_, atol=1e-5)
        np.testing.assert_allclose(model.soft_assign(self.X), model.soft_assignment_, atol=1e-5)

    def test_new_rows_go_to_the_nearest_centre(self):
        model = dec.DEC(3, **TINY).fit(self.X)
        new = self.X + np.random.default_rng(1).normal(size=self.X.shape)
        z = model.transform(new)
        distances = ((z[:, None] - model.cluster_centers_) ** 2).sum(axis=2)
        np.testing.assert_array_equal(model.predict(new), distances.argmin(axis=1))

    def test_fit_predict_and_fit_transform(self):
        model = dec.DEC(3, **TINY)
        np.testing.assert_array_equal(model.fit_predict(self.X), model.labels_)
        np.testing.assert_array_equal(model.fit_transform(self.X), model.embedding_)

    def test_the_seed_decides(self):
        first, again, other = (
            dec.DEC(3, random_state=seed, **TINY).fit_transform(self.X) for seed in (1, 1, 2)
        )
        np.testing.assert_array_equal(first, again)
        self.assertFalse(np.array_equal(first, other))
        generator = np.random.default_rng(0)
        drawn = dec.DEC(3, random_state=generator, **TINY).fit(self.X)
        self.assertGreater(drawn.record_["clustering"]["seed"], 2)

    @needs_mpirun
    def test_two_ranks_give_the_same_bits(self):
        alone = dec.DEC(3, **TINY).fit(self.X)
        shared = dec.DEC(3, n_ranks=2, **TINY).fit(self.X)
        self.assertEqual(shared.record_["ranks"], 2)
        np.testing.assert_array_equal(shared.embedding_, alone.embedding_)
        np.testing.assert_array_equal(shared.labels_, alone.labels_)

    @needs("scipy")
    def test_sparse_rows(self):
        from scipy import sparse

        X = sparse.csr_matrix(np.where(self.X > 1, self.X, 0))
        model = dec.DEC(3, **TINY).fit(X)
        self.assertEqual(model.record_["dataset"]["layout"], "csr")
        for container in (sparse.csr_matrix, sparse.coo_matrix, sparse.csr_array):
            np.testing.assert_array_equal(model.predict(container(X)), model.labels_)
        np.testing.assert_allclose(model.transform(X), model.embedding_, atol=1e-5)

    def test_many_clusters_have_their_most_probable_ones(self):
        model = dec.DEC(101, **TINY).fit(self.X)
        probabilities, clusters = model.soft_assignment_
        self.assertEqual(probabilities.shape, (150, 10))
        np.testing.assert_array_equal(clusters[:, 0], model.labels_)

    def test_a_pickled_model_predicts(self):
        model = dec.DEC(3, **TINY).fit(self.X)
        copy = pickle.loads(pickle.dumps(model))
        np.testing.assert_array_equal(copy.predict(self.X), model.labels_)

    def test_the_output_is_kept_and_not_replaced(self):
        model = dec.DEC(3, output=self.path("kept"), **TINY).fit(self.X)
        run = dec.load(self.path("kept/run"))
        np.testing.assert_array_equal(run.labels, model.labels_)
        self.assertTrue(os.path.exists(self.path("kept/run/report.html")))
        with self.assertRaises((ValueError, RuntimeError)):
            model.fit(self.X)
        model.set_params(overwrite=True).fit(self.X)

    def test_options_reach_the_program(self):
        model = dec.DEC(3, options=["--code", "unit"], **TINY).fit(self.X)
        self.assertEqual(model.record_["clustering"]["code"], "unit")
        np.testing.assert_allclose(model.transform(self.X), model.embedding_, atol=1e-5)

    def test_a_saved_model_starts_another_clustering(self):
        dec.DEC(3, **TINY).fit(self.X).save(self.path("model.safetensors"))
        model = dec.DEC(2, model=self.path("model.safetensors"), max_iterations=20, threads=1)
        self.assertEqual(model.fit(self.X).cluster_centers_.shape, (2, 4))


class ErrorTests(ProgramTestCase):
    def check(self, kind, message, X=None, **parameters):
        """Fitting raises this kind of exception, with this in its message."""
        with self.assertRaisesRegex(kind, message):
            dec.DEC(**{"n_clusters": 3, **TINY, **parameters}).fit(blobs() if X is None else X)

    def test_wrong_parameters(self):
        self.check(ValueError, "n_samples=150 should be >= n_clusters=200", n_clusters=200)
        self.check(ValueError, "--layers", layers=("a",))
        self.check(ValueError, "no option --nonsense", options=["--nonsense"])
        self.check(ValueError, "--preset", preset="other")

    def test_wrong_data(self):
        X = blobs()
        self.check(ValueError, "2D array", X=X[0])
        self.check(ValueError, "minimum of 1", X=X[:, :0])
        self.check(ValueError, "Complex", X=X + 1j)
        for wrong in (np.nan, np.inf, 1e300):
            damaged = X.astype(np.float64)
            damaged[3, 4] = wrong
            self.check(ValueError, "NaN|infinity", X=damaged)

    def test_failed_work(self):
        self.check(RuntimeError, r"loss is not finite.*exit code 1", learning_rate=1e30)

    @needs_mpirun
    def test_under_mpirun_the_line_is_that_of_the_program(self):
        self.check(ValueError, "^dec: .*--momentum", n_ranks=2, options=["--momentum", "-1"])

    def test_a_missing_program(self):
        self.check(FileNotFoundError, "no program /nowhere/dec", dec="/nowhere/dec")

    def test_an_unfitted_model(self):
        for method in ("predict", "transform", "soft_assign"):
            with self.assertRaises(NotFittedError):
                getattr(dec.DEC(3), method)(blobs())

    def test_another_number_of_columns(self):
        model = dec.DEC(3, **TINY).fit(blobs())
        for method in (model.predict, model.transform):
            with self.assertRaisesRegex(ValueError, "expecting 12 features"):
                method(blobs(d=11))


class ParameterTests(ProgramTestCase):
    def test_parameters_are_read_and_set_by_name(self):
        model = dec.DEC(4, n_ranks=2)
        self.assertEqual(model.get_params()["n_clusters"], 4)
        self.assertIs(model.set_params(n_clusters=6), model)
        self.assertEqual(model.n_clusters, 6)
        with self.assertRaises(ValueError):
            model.set_params(clusters=6)
        self.assertIn("n_ranks=2", repr(model))
