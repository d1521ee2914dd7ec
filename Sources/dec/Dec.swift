import ArgumentParser
import Collectives
import Datasets
import Diagnostics
import Glibc

/// The entry point: chooses kernels, joins the ranks, parses the arguments, runs the command, and
/// exits with its code.
@main
enum Start {
  static func main() {
    if Kernels.isTooNew {
      Job.complain("dec: built for newer CPUs than this one; build with DEC_MARCH=x86-64")
      exit(1)
    }
    Kernels.chooseBeforeStart()
    Job.holdStandardFiles()
    var world: any Communicator = SoloCommunicator()
    do {
      world = try Job.join()
      let command = try parse(over: world)
      try run(command, over: world)
      Job.leave(0)
    } catch let failure as Failure {
      if failure.isShared || world.size == 1 {
        if world.isRoot { Job.complain("dec: \(failure.message)") }
        Job.leave(failure.exitCode)
      }
      // The other ranks do not know of the failure, and wait in a collective.
      Job.complain("dec: \(failure.message) (rank \(world.rank))")
      world.abort(failure.exitCode)
    } catch {
      // A command without a subcommand throws its help.
      if Dec.exitCode(for: error) == .success { showHelp(error) }
      Job.complain("dec: \(error) (rank \(world.rank))")
      world.abort(1)
    }
  }

  /// Parses the arguments; prints help and exits if they ask for it. Collective: if a rank refuses
  /// its arguments, or has others than rank 0, all ranks throw.
  private static func parse(over world: any Communicator) throws -> any ParsableCommand {
    var arguments = Arguments.joiningNegativeNumbers(Self.arguments())
    let parsed = Result {
      arguments = try ConfigFile.expand(arguments)
      try Arguments.check(arguments)
      let command = try Dec.parseAsRoot(arguments)
      if let dec = command as? Dec, !dec.version { throw CleanExit.helpRequest(Dec.self) }
      return command
    }
    try world.together {
      guard case .failure(let error) = parsed, Dec.exitCode(for: error) != .success else { return }
      var failure =
        error as? Failure ?? Failure.usage(Dec.message(for: error), hint: "see dec --help")
      if !world.isRoot {
        failure.message += " (rank \(world.rank) on \(ThisProcess.hostName))"
      }
      throw failure
    }
    try world.requireSame([
      CommonFact("version of dec", Version.dec, hint: "install the same on every host"),
      CommonFact(
        "command", arguments.joined(separator: " "), hint: "start every rank by the same command"),
    ])
    do {
      return try parsed.get()
    } catch {
      showHelp(error)
    }
  }

  /// Runs a command. One that is not a `JobCommand`, such as `dec prepare` without a kind, throws
  /// its help.
  private static func run(
    _ command: any ParsableCommand, over world: any Communicator
  ) throws {
    if let command = command as? any JobCommand { return try command.run(over: world) }
    var command = command
    try command.run()
  }

  /// The arguments. Those of `CommandLine` have lost the bytes of file names that are not UTF-8.
  private static func arguments() -> [String] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { i in
      CommandLine.unsafeArgv[i].map { PathName.argument($0) }
    }
  }

  private static func showHelp(_ help: any Error) -> Never {
    Job.say(Dec.fullMessage(for: help))
    Job.leave(0)
  }
}

struct Dec: JobCommand {
  static let configuration = CommandConfiguration(
    commandName: "dec",
    abstract: "Deep Embedded Clustering of very large collections, on many nodes.",
    discussion: """
      Example:
        dec prepare synthetic --documents 20000 --output data
        mpirun -n 2 dec train data --clusters 4 --output run
        dec evaluate run
      """,
    subcommands: [
      Prepare.self, Inspect.self, Train.self, Pretrain.self, Cluster.self, Resume.self,
      Assign.self, Evaluate.self, ReportCommand.self, Baseline.self, ChooseK.self, Reproduce.self,
      Doctor.self, Bench.self,
    ])

  @Flag(help: "Print the version, and those of Open MPI and OpenBLAS.")
  var version = false

  /// Parses and runs a command inside another. Collective.
  ///
  /// - Throws: `Failure.usage` where the arguments are none of a command; what the command throws.
  static func perform(_ arguments: [String], over world: any Communicator) throws {
    let command = try world.together {
      do {
        try Arguments.check(arguments)
        return try parseAsRoot(arguments)
      } catch let failure as Failure {
        throw failure
      } catch {
        throw Failure.usage(message(for: error), hint: "in dec \(arguments.joined(separator: " "))")
      }
    }
    guard let command = command as? any JobCommand else {
      preconditionFailure("\(arguments) is no command of all ranks")
    }
    try command.run(over: world)
  }

  func run(over world: any Communicator) throws {
    guard version else { return }
    Job.useThreads(nil, over: world)
    Job.say(Version.text)
  }
}
