import os

from spack.package import *


class Dec(Package):
    """Deep Embedded Clustering of very large collections, on Open MPI and OpenBLAS.

    Built from the clone of the repository that this recipe belongs to. Spack has no Swift: Swift 6
    has to be on PATH (swift.org/install). SwiftPM fetches swift-argument-parser and Yams.
    """

    homepage = "https://proceedings.mlr.press/v48/xieb16.html"
    git = "file://" + os.path.abspath(os.path.join(os.path.dirname(__file__), "../../../.."))

    version("main", branch="main")

    depends_on("c", type="build")
    depends_on("fortran", type="build")
    depends_on("pkgconfig", type="build")
    depends_on("openmpi@4:5")
    depends_on("openblas")
    depends_on("zlib-api")
    depends_on("arpack-ng ~shared ~mpi", type=("build", "link"))
    depends_on("libstemmer", type=("build", "link"))

    def install(self, spec, prefix):
        swift = which("swift", required=True)
        gfortran = Executable(self.compiler.fc)
        runtime = os.path.dirname(gfortran("-print-file-name=libgfortran.so.5", output=str).strip())
        options = ["-c", "release", "--product", "dec", "--static-swift-stdlib"]
        options += ["-Xcc", "-I" + spec["libstemmer"].prefix.include]
        for library in (spec["arpack-ng"].prefix, spec["libstemmer"].prefix):
            options += ["-Xlinker", "-L" + library.lib, "-Xlinker", "-L" + library.lib64]
        for folder in [runtime, spec["openmpi"].prefix.lib, spec["openblas"].prefix.lib]:
            options += ["-Xlinker", "-L" + folder, "-Xlinker", "-rpath", "-Xlinker", folder]
        swift("build", *options)
        mkdirp(prefix.bin)
        install(swift("build", *options, "--show-bin-path", output=str).strip() + "/dec", prefix.bin)
        install("scripts/launch", prefix.bin.join("dec-launch"))
        install_tree("scripts/python/dec", prefix.share.dec.python.dec)
        install("scripts/python/pyproject.toml", prefix.share.dec.python)
        install("scripts/python/README.md", prefix.share.dec.python)
