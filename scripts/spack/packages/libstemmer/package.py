from spack.package import *


class Libstemmer(Package):
    """Snowball's stemmers as a static library of C."""

    homepage = "https://snowballstem.org"
    url = "https://deb.debian.org/debian/pool/main/s/snowball/snowball_2.2.0.orig.tar.gz"

    version("2.2.0", sha256="425cdb5fba13a01db59a1713780f0662e984204f402d3dae1525bda9e6d30f1a")

    depends_on("c", type="build")
    depends_on("gmake", type="build")
    depends_on("perl", type="build")

    def install(self, spec, prefix):
        make("libstemmer.a", "CFLAGS=-O2 -fPIC -Iinclude")
        mkdirp(prefix.lib, prefix.include)
        install("libstemmer.a", prefix.lib)
        install("include/libstemmer.h", prefix.include)
