"""The package with numpy and nothing else."""

import os
import subprocess
import sys
import unittest

from .support import ProgramTestCase

OPTIONAL = "sklearn scipy pandas torch safetensors"

CLASSES = [
    "tests.test_estimator.ErrorTests",
    "tests.test_estimator.ParameterTests",
    "tests.test_run.TextRunTests",
]


class FewPackagesTests(ProgramTestCase):
    @unittest.skipIf("DEC_TEST_WITHOUT" in os.environ, "these are the tests that it starts")
    def test_all_but_numpy_is_optional(self):
        result = subprocess.run(
            [sys.executable, "-m", "unittest", *CLASSES],
            cwd=os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
            env={**os.environ, "DEC_TEST_WITHOUT": OPTIONAL},
            capture_output=True,
            text=True,
        )
        self.assertEqual(result.returncode, 0, result.stderr)
