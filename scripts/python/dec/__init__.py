"""Deep Embedded Clustering by the trainer `dec`.

`DEC` clusters the rows of a matrix in scikit-learn's conventions; `load` reads a run folder.
"""

from ._estimator import DEC
from ._network import Network
from ._run import Run, TopAssignments, load
from ._safetensors import read_safetensors, write_safetensors

__version__ = "0.1.0"
__all__ = [
    "DEC",
    "Network",
    "Run",
    "TopAssignments",
    "load",
    "read_safetensors",
    "write_safetensors",
]
