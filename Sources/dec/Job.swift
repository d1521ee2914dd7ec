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

/// This process as one rank of the job: output to the terminal, threads, and the exit.
enum Job {
  /// The communicator of all ranks, set once at start. Only this type uses it: commands get it as
  /// an argument of `run`.
  nonisolated(unsafe) private static var world: any Communicator = SoloCommunicator()
  /// The command that runs as a cell of an experiment, without `--output`; nil otherwise. Nothing
  /// is written to standard output while there is one.
  nonisolated(unsafe) static var cell: [String]?
  /// Whether progress and notes are suppressed.
  nonisolated(unsafe) static var isQuiet = false

  /// Joins the other ranks, and returns them.
  static func join() throws -> any Communicator {
    world = try joinWorld()
    ProcessStatus.introduce(rank: world.rank)
    if let neighbours = world.hosts?.within {
      ProcessStatus.know(
        neighbours: neighbours.allGather(Int64(world.rank)),
        processes: neighbours.allGather(Int64(getpid())))
    }
    return world
  }

  /// Opens `/dev/null` in place of standard input, output or error if the caller has closed them.
  /// Otherwise the next file that is opened would get the same descriptor, and would receive the
  /// output. The stand-in is opened in the wrong direction, so that using it fails.
  static func holdStandardFiles() {
    for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) < 0 {
      _ = open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }

  /// Why a line could not be written to standard output; nil while all lines were written.
  nonisolated(unsafe) private static var outputFailure: Failure?

  /// The number of threads of this rank.
  static var threadCount: Int { Threads.count }

  /// Writes a line to standard output, on rank 0 only. If that fails, `leave` ends with an error.
  static func say(_ text: String) {
    guard world.isRoot, cell == nil, outputFailure == nil else { return }
    do {
      try StreamedFile(nil).append(Array("\(text)\n".utf8))
    } catch {
      outputFailure = error as? Failure
    }
  }

  /// Writes a line to standard error, on rank 0 only, unless `--quiet` is set.
  static func note(_ text: String) {
    guard world.isRoot, !isQuiet else { return }
    complain(text)
  }

  /// Writes a warning to standard error, on rank 0 only, even if `--quiet` is set.
  static func warn(_ text: String) {
    guard world.isRoot else { return }
    complain("dec: " + text)
  }

  /// Writes a message to standard error, on any rank: one line, whatever the names in it hold.
  static func complain(_ text: String) { write(error: PlainText.line(text) + "\n") }

  /// Writes to standard error as it is.
  static func write(error text: String) {
    var text = text
    text.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  /// The absolute path of `path`.
  static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let current = getcwd(nil, 0) else { return path }
    defer { free(current) }
    return "\(String(cString: current))/\(path)"
  }

  /// Finalises MPI and ends this process with the largest exit code of all ranks. Collective.
  static func leave(_ code: Int32) -> Never {
    var code = code
    if let outputFailure {
      complain("dec: \(outputFailure.message)")
      code = max(code, outputFailure.exitCode)
    }
    if world.size > 1 { code = world.allReduce(code, by: .maximum) }
    (world as? MPICommunicator)?.finalize()
    ProcessStatus.expectExit()
    exit(code)
  }

  /// Sets the number of threads of this rank: `requested`, or the value that the user set for
  /// OpenBLAS or OpenMP, or the number of cores it may use divided by the ranks that share them.
  /// Collective.
  static func useThreads(_ requested: Int?, over world: any Communicator) {
    func number(_ name: String) -> Int? { getenv(name).flatMap { Int(String(cString: $0)) } }
    let set = number("OPENBLAS_NUM_THREADS") ?? number("OMP_NUM_THREADS")
    let mine = Int64(bitPattern: chost_core_set_hash())
    let sharing = world.allGather(mine).count { $0 == mine }
    Threads.use(requested ?? set ?? max(1, Int(chost_allowed_cores()) / sharing))
  }
}
