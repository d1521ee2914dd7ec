import ArgumentParser
import CHost
import COpenBLAS
import Collectives
import Datasets
import DenseMath
import Diagnostics
import Glibc

/// A command that works on all ranks of the job.
protocol JobCommand: ParsableCommand {
  /// Does the work. Collective.
  func run(over world: any Communicator) throws
}

/// This process among the ranks: what every command needs and only `dec` may do (print, exit).
enum Job {
  /// The ranks, for what is printed and for the end; set once at start. Commands are given them.
  nonisolated(unsafe) private(set) static var world: any Communicator = SoloCommunicator()
  /// No progress and no notes.
  nonisolated(unsafe) static var isQuiet = false

  /// Joins the other ranks, and returns them.
  static func join() throws -> any Communicator {
    world = try joinWorld()
    return world
  }

  /// Makes sure that standard input, output and error are open, before any other file is: the next
  /// one to be opened would take the number of one that is not, and get what is written to it. What
  /// is written to a stand-in fails.
  static func holdStandardFiles() {
    for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) < 0 {
      _ = open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }

  /// The first line that standard output did not take.
  nonisolated(unsafe) private static var outputFailure: Failure?

  /// The threads of this rank.
  static var threadCount: Int { Threads.count }

  /// A line on standard output, once for all ranks. One that cannot be written makes `leave` fail.
  static func say(_ text: String) {
    guard world.isRoot, outputFailure == nil else { return }
    do {
      try StreamedFile(nil).append(Array("\(text)\n".utf8))
    } catch {
      outputFailure = error as? Failure
    }
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

  /// A path that means the same in any folder.
  static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let current = getcwd(nil, 0) else { return path }
    defer { free(current) }
    return "\(String(cString: current))/\(path)"
  }

  /// Leaves MPI and ends this process; every rank calls it, with one code.
  static func leave(_ code: Int32) -> Never {
    var code = code
    if let outputFailure {
      complain("dec: \(outputFailure.message)")
      code = max(code, outputFailure.exitCode)
    }
    if world.size > 1 { code = world.allReduce(code, by: .maximum) }
    (world as? MPICommunicator)?.finalize()
    exit(code)
  }

  /// Gives this rank its threads: `requested`, else what the user set for OpenBLAS or OpenMP, else
  /// the cores it may use divided by the ranks that share them. Collective.
  static func useThreads(_ requested: Int?, over world: any Communicator) {
    func number(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }
    let set = number("OPENBLAS_NUM_THREADS") ?? number("OMP_NUM_THREADS")
    let mine = Int64(bitPattern: chost_core_set_hash())
    let sharing = world.allGather(mine).count { $0 == mine }
    Threads.use(requested ?? set ?? max(1, Int(chost_allowed_cores()) / sharing))
  }
}
