"""Finds the program dec and starts it."""

import os
import shutil
import subprocess
import sys

WRONG_INPUT = (2, 65)
"""Exit codes of dec that speak of options and of data."""


def find(name=None):
    """The path of dec: `name` if given, else the environment variable DEC, else `dec` on PATH."""
    wanted = os.fspath(name or os.environ.get("DEC") or "dec")
    found = shutil.which(wanted)
    if found is None:
        raise FileNotFoundError(
            f"there is no program {wanted}; build it by scripts/build, and give its path as "
            "DEC(dec=...) or in the environment variable DEC"
        )
    return found


class Program:
    """The program, and how it is started."""

    def __init__(self, name=None, *, n_ranks=1, mpirun_options=(), verbose=False):
        """n_ranks: ranks of commands that are called with `all_ranks`."""
        self.path = find(name)
        self.n_ranks = n_ranks
        self.mpirun_options = list(mpirun_options)
        self.verbose = verbose

    def run(self, arguments, *, all_ranks=False):
        """Runs a command to its end.

        Raises ValueError where dec refuses options or data, RuntimeError where it fails
        otherwise, each with the line that dec printed.
        """
        command = [self.path, *map(str, arguments)]
        if not self.verbose:
            command.append("--quiet")
        if all_ranks and self.n_ranks > 1:
            command = self._mpirun() + command
        code, lines = self._execute(command)
        if code != 0:
            raise self._error(code, lines)

    def _mpirun(self):
        mpirun = shutil.which("mpirun")
        if mpirun is None:
            raise FileNotFoundError("n_ranks > 1 needs Open MPI's mpirun on PATH")
        return [mpirun, "--oversubscribe", "-n", str(self.n_ranks), *self.mpirun_options]

    def _execute(self, command):
        """Returns the exit code and what the program said on standard error."""
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=None if self.verbose else subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=_environment(),
            encoding="utf-8",
            errors="replace",
        )
        lines = []
        try:
            for line in process.stderr:
                lines.append(line.rstrip("\n"))
                if self.verbose:
                    print(line, end="", file=sys.stderr)
        except BaseException:
            # Ctrl-C, say. mpirun hands SIGTERM on to its ranks; killed, it would leave them.
            process.terminate()
            raise
        finally:
            process.stderr.close()
            code = process.wait()
        return code, lines

    @staticmethod
    def _error(code, lines):
        # Under mpirun other lines follow that of dec.
        own = [line for line in lines if line.startswith("dec: ")]
        message = (own or [line for line in lines if line.strip()] or ["dec said nothing"])[-1]
        if code in WRONG_INPUT:
            return ValueError(message)
        return RuntimeError(f"{message} (exit code {code})")


def _environment():
    """The environment of dec: this one, and defaults for ranks on one machine."""
    environment = dict(os.environ)
    # Bound to a core, a rank would have one thread. Ranks that wait yield to those that compute.
    environment.setdefault("OMPI_MCA_hwloc_base_binding_policy", "none")
    environment.setdefault("OMPI_MCA_mpi_yield_when_idle", "1")
    if os.geteuid() == 0:  # As in containers; Open MPI otherwise refuses to run as root.
        environment.setdefault("OMPI_ALLOW_RUN_AS_ROOT", "1")
        environment.setdefault("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1")
    return environment
