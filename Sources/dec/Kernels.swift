import CHost
import COpenBLAS
import Glibc

/// Which of OpenBLAS's kernels run. Debian's 0.3.21 does not know newer Intel CPUs and falls back to
/// SSE3 ("Prescott"), 5 to 10 times slower.
enum Kernels {
  /// OpenBLAS's name for the kernels in use.
  static var core: String { String(cString: openblas_get_corename()) }

  static var openBLASVersion: String {
    let words = String(cString: openblas_get_config()).split(separator: " ")
    return words.count > 1 ? String(words[1]) : "unknown"
  }

  /// The kernels that this CPU should run in place of those of `core`; nil where those are fine.
  static func better(than core: String, hasAVX2: Bool, hasAVX512: Bool) -> String? {
    let old: Set = [
      "Prescott", "Core2", "Penryn", "Dunnington", "Atom", "Nano", "Northwood", "Katmai",
      "Coppermine",
      "Banias", "Generic", "Nehalem", "Sandybridge",
    ]
    guard old.contains(where: { $0.lowercased() == core.lowercased() }) else { return nil }
    return hasAVX512 ? "SkylakeX" : hasAVX2 ? "Haswell" : nil
  }

  /// Starts this program again with better kernels where OpenBLAS chose too weak ones. Before MPI is
  /// initialised: OpenBLAS reads the variable once, when it loads. Never twice: the variable is then
  /// set, as it is where the user chose.
  static func chooseBeforeStart() {
    guard getenv("OPENBLAS_CORETYPE") == nil,
      let better = better(
        than: core, hasAVX2: chost_has_avx2(), hasAVX512: chost_has_avx512())
    else { return }
    setenv("OPENBLAS_CORETYPE", better, 1)
    // Where it fails this process goes on, slowly.
    execv("/proc/self/exe", CommandLine.unsafeArgv)
  }

  /// Whether this binary needs more than this CPU has: it would die of an illegal instruction.
  static var isTooNew: Bool {
    (chost_compiled_for_v3() && !chost_has_avx2())
      || (chost_compiled_for_v4() && !chost_has_avx512())
  }
}
