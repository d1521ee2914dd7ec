import CHost
import COpenBLAS
import Collectives
import Glibc

/// The choice of OpenBLAS's kernels. Version 0.3.21, in Debian 12, does not recognise newer Intel
/// CPUs and falls back to SSE3 ("Prescott"), which is 5 to 10 times slower.
enum Kernels {
  /// OpenBLAS's name for the kernels in use.
  static var core: String { String(cString: openblas_get_corename()) }

  static var openBLASVersion: String {
    let words = String(cString: openblas_get_config()).split(separator: " ")
    return words.count > 1 ? String(words[1]) : "unknown"
  }

  /// The kernels that this CPU should use instead of those for `core`; nil where those are good.
  static func better(than core: String, hasAVX2: Bool, hasAVX512: Bool) -> String? {
    let old: Set = [
      "Prescott", "Core2", "Penryn", "Dunnington", "Atom", "Nano", "Northwood", "Katmai",
      "Coppermine",
      "Banias", "Generic", "Nehalem", "Sandybridge",
    ]
    guard old.contains(where: { $0.lowercased() == core.lowercased() }) else { return nil }
    return hasAVX512 ? "SkylakeX" : hasAVX2 ? "Haswell" : nil
  }

  /// The kernels that this CPU should use instead of those in use; nil where those are good.
  static var betterForThisCPU: String? {
    better(than: core, hasAVX2: chost_has_avx2(), hasAVX512: chost_has_avx512())
  }

  /// Executes this program again with better kernels if OpenBLAS chose slow ones. Call it before
  /// MPI is initialised. OpenBLAS reads OPENBLAS_CORETYPE only when it is loaded. The program is
  /// never restarted twice, nor against the user's choice: the variable is then set.
  static func chooseBeforeStart() {
    guard getenv("OPENBLAS_CORETYPE") == nil,
      let better = betterForThisCPU
    else { return }
    setenv("OPENBLAS_CORETYPE", better, 1)
    // If exec fails, this process continues with the slow kernels.
    execv("/proc/self/exe", CommandLine.unsafeArgv)
  }

  /// Whether this binary needs instructions that this CPU lacks, and would crash.
  static var isTooNew: Bool {
    (chost_compiled_for_v3() && !chost_has_avx2())
      || (chost_compiled_for_v4() && !chost_has_avx512())
  }

  /// Checks that all ranks compute with the same kernels. Collective.
  static func requireSame(over world: any Communicator) throws {
    try world.requireSame([
      CommonFact(
        "OpenBLAS", Kernels.openBLASVersion, hint: "install the same version on every host"),
      CommonFact(
        "set of OpenBLAS kernels", Kernels.core,
        hint: "give all ranks what every host can run, by mpirun -x OPENBLAS_CORETYPE=Haswell"),
    ])
  }
}
