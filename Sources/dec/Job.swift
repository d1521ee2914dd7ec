import CHost
import COpenBLAS
import Collectives
import DenseMath
import Diagnostics
import Glibc

/// This process among the ranks: what every command needs and only `dec` may do (print, exit).
enum Job {
  /// The ranks; set once at start.
  nonisolated(unsafe) private(set) static var world: any Communicator = SoloCommunicator()
  /// No progress and no notes.
  nonisolated(unsafe) static var isQuiet = false

  static func join() throws { world = try joinWorld() }

  /// A line on standard output, once for all ranks.
  static func say(_ text: String) {
    guard world.isRoot else { return }
    print(text)
    fflush(nil)
  }

  /// A line on standard error, once for all ranks, unless `--quiet`.
  static func note(_ text: String) {
    guard world.isRoot, !isQuiet else { return }
    complain(text)
  }

  /// A line on standard error, even with `--quiet`.
  static func warn(_ text: String) {
    guard world.isRoot else { return }
    complain("dec: " + text)
  }

  /// Standard error, from this rank.
  static func complain(_ text: String, newLine: Bool = true) {
    var line = newLine ? text + "\n" : text
    line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  /// Leaves MPI and ends this process; every rank calls it, with one code.
  static func leave(_ code: Int32) -> Never {
    fflush(nil)
    (world as? MPICommunicator)?.finalize()
    exit(code)
  }

  /// Gives this rank its threads: `requested`, else what the user set for OpenBLAS or OpenMP, else the
  /// cores it may use divided by the ranks that share them. Collective.
  static func useThreads(_ requested: Int?) {
    func number(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }
    let set = number("OPENBLAS_NUM_THREADS") ?? number("OMP_NUM_THREADS")
    let mine = Int64(bitPattern: chost_core_set_hash())
    let sharing = world.allGather(mine).count { $0 == mine }
    Threads.use(requested ?? set ?? max(1, Int(chost_allowed_cores()) / sharing))
  }
}
