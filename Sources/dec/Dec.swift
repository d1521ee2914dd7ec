import ArgumentParser
import Collectives
import Diagnostics
import Glibc

/// Where `dec` starts: kernels, ranks, arguments, the command, the exit code.
@main
enum Start {
  static func main() {
    if Kernels.isTooNew {
      Job.complain("dec: built for newer CPUs than this one; build with DEC_MARCH=x86-64")
      exit(1)
    }
    Kernels.chooseBeforeStart()
    do {
      try Job.join()
      var command = try parse()
      try command.run()
      Job.leave(0)
    } catch let failure as Failure {
      if failure.isShared || Job.world.size == 1 {
        if Job.world.isRoot { Job.complain("dec: \(failure.message)") }
        Job.leave(failure.exitCode)
      }
      // Only this rank knows; the others wait in a collective.
      Job.complain("dec: \(failure.message) (rank \(Job.world.rank))")
      Job.world.abort(failure.exitCode)
    } catch {
      // Help of a command comes out of its run.
      if Dec.exitCode(for: error) == .success { endParsing(error) }
      Job.complain("dec: \(error) (rank \(Job.world.rank))")
      Job.world.abort(1)
    }
  }

  /// The command; every rank parses the same arguments. Help and usage errors end here: 0 and 2.
  private static func parse() throws -> any ParsableCommand {
    do {
      let words = Arguments.joiningNegativeNumbers(Array(CommandLine.arguments.dropFirst()))
      try Arguments.check(words)
      let command = try Dec.parseAsRoot(words)
      if let dec = command as? Dec, !dec.version { throw CleanExit.helpRequest(Dec.self) }
      return command
    } catch let failure as Failure {
      throw failure
    } catch {
      endParsing(error)
    }
  }

  private static func endParsing(_ error: any Error) -> Never {
    let isHelp = Dec.exitCode(for: error) == .success
    if Job.world.isRoot {
      if isHelp {
        print(Dec.fullMessage(for: error))
      } else {
        Job.complain("dec: \(Dec.message(for: error)); see dec --help")
      }
    }
    Job.leave(isHelp ? 0 : 2)
  }
}

struct Dec: ParsableCommand {
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
      Prepare.self, Inspect.self, Train.self, Pretrain.self, Cluster.self, Assign.self,
      Evaluate.self, ReportCommand.self, Bench.self,
    ])

  @Flag(help: "Print the version, and those of Open MPI and OpenBLAS.")
  var version = false

  mutating func run() throws {
    guard version else { return }
    Job.useThreads(nil)
    Job.say(Version.text)
  }
}
