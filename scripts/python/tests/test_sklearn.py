"""scikit-learn's own checks of an estimator."""

import unittest
import warnings

import dec

from .support import TINY, ProgramTestCase, needs

EXPECTED_FAILURES = {}
"""By name of the check: why DEC does not pass it. docs/python.md lists the same."""


@needs("sklearn")
class CheckEstimatorTests(ProgramTestCase):
    def test_check_estimator(self):
        from sklearn.utils.estimator_checks import check_estimator

        from dec._compatibility import HAS_SKLEARN

        if not HAS_SKLEARN:
            self.skipTest("scikit-learn is older than 1.6")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            results = check_estimator(
                dec.DEC(3, **TINY),
                expected_failed_checks=EXPECTED_FAILURES,
                on_skip=None,
                on_fail=None,
            )
        failed = [
            f"{result['check_name']}: {result['exception']!r}"
            for result in results
            if result["status"] == "failed"
        ]
        self.assertEqual(failed, [])
        self.assertGreater(sum(result["status"] == "passed" for result in results), 40)


@needs("sklearn")
class PipelineTests(ProgramTestCase):
    def test_clone_and_pipeline(self):
        from sklearn.base import clone
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        from .support import blobs

        model = clone(dec.DEC(3, **TINY))
        labels = make_pipeline(StandardScaler(), model).fit_predict(blobs())
        self.assertEqual(len(set(labels)), 3)


