"""Tests of the package: `cd scripts/python && DEC=... python3 -m unittest discover`.

DEC_TEST_WITHOUT="sklearn scipy" runs them as if these packages were not installed.
"""

import os
import sys

for _name in os.environ.get("DEC_TEST_WITHOUT", "").split():
    sys.modules[_name] = None
