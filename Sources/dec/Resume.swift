import ArgumentParser
import Collectives
import Diagnostics
import FoundationEssentials
import Runs

struct Resume: JobCommand {
  static let configuration = CommandConfiguration(
    abstract: "Go on with an interrupted run from its newest checkpoint.",
    discussion: """
      Example:
        mpirun -n 4 dec resume run
      The number of ranks may be another. The settings are those of the run; without a checkpoint it begins
      anew.
      """)

  @Argument(help: "Run folder of dec train, pretrain, cluster or choose-k.") var run: String
  @Option(help: "Minutes between two checkpoints; otherwise as the run was given.")
  var checkpointMinutes: Double?
  @Option(help: "Threads of each rank; otherwise its cores.")
  var threads: Int?
  @OptionGroup var watch: WatchOptions
  @Flag(help: "No progress.")
  var quiet = false

  func validate() throws {
    try require("--checkpoint-minutes", checkpointMinutes, .notNegative)
    try require("--threads", threads, .positive)
  }

  func run(over world: any Communicator) throws {
    watch.start(over: world)
    // 1. The command of the run, as its record repeats it; rank 0 reads it.
    var line: [UInt8] = []
    try world.together {
      if world.isRoot { line = Array(try JSONEncoder().encode(try commandLine())) }
    }
    world.broadcast(&line)
    let arguments = try JSONDecoder().decode([String].self, from: Data(line))
    // 2. The command.
    try Dec.perform(arguments, over: world)
  }

  private func commandLine() throws -> [String] {
    let folder = RunFolder(run)
    let record = try folder.record()
    guard record.baseline == nil else {
      throw Failure.usage(
        "\(run) is of dec \(record.command), which has no checkpoints",
        hint: "run that again with --overwrite")
    }
    var arguments = [
      record.command, "--config=\(folder.file(RunFolder.Name.record))", "--output=\(run)",
      "--resume",
    ]
    if let checkpointMinutes { arguments.append("--checkpoint-minutes=\(checkpointMinutes)") }
    if let threads { arguments.append("--threads=\(threads)") }
    if quiet { arguments.append("--quiet") }
    return try ConfigFile.expand(arguments)
  }
}
