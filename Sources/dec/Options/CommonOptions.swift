import ArgumentParser
import DeepClustering

extension Preset: ExpressibleByArgument {}
extension WirePrecision: ExpressibleByArgument {}

/// Options of every training command. An option that is not given has the value of the preset.
struct CommonOptions: ParsableArguments {
  @Option(help: "Settings to start from: paper or default.")
  var preset: Preset = .default

  @Option(help: "Seed of every random number.")
  var seed = 0

  @Option(help: "Documents in a minibatch, over all ranks (default: 256).")
  var batchSize: Int?

  @Option(help: "Momentum of SGD (default: 0.9).")
  var momentum: Double?

  @Option(help: "Rate of the biases, as a multiple of the weights' (default: 1; paper: 2).")
  var biasRate: Double?

  @Option(
    help: """
      Whether documents are shuffled within their lane in each epoch: true or false (default: true; paper: \
      false).
      """)
  var shuffle: Bool?

  @Option(
    help: """
      Whether pictures are shifted and turned at random at each step: true or false (default: true for \
      pictures, else false).
      """)
  var augment: Bool?

  @Option(
    help: """
      Whether gradients have the same bits at every number of ranks: true or false (default: true; paper: \
      false).
      """)
  var reproducible: Bool?

  @Option(
    help: """
      What gradients travel as between hosts, and ranks that share no memory: float32, or bf16 (half the bytes; \
      gives up --reproducible, on one host too).
      """)
  var wirePrecision: WirePrecision = .float32

  @Option(help: "Threads of each rank; otherwise its cores.")
  var threads: Int?

  // It takes effect before the arguments are parsed: see ConfigFile.
  @Option(
    help: """
      Options from a file, NAME: VALUE a line (YAML, or JSON); those given here win. The run.json of a run \
      repeats it, on its dataset.
      """)
  var config: String?

  @Option(
    help: """
      Minutes between two checkpoints, fractions too; 0 for none but at a signal; otherwise 2, or more where \
      they would take over 1 % of the time.
      """)
  var checkpointMinutes: Double?

  @OptionGroup(visibility: .default) var watch: WatchOptions

  @Flag(help: "Go on with the run in the output folder, if there is one that was interrupted.")
  var resume = false

  @Flag(help: "No progress.")
  var quiet = false

  @Flag(help: "Replace an output folder that is not empty.")
  var overwrite = false

  func validate() throws {
    try require("--batch-size", batchSize, .positive)
    try require("--momentum", momentum, .rate)
    try require("--bias-rate", biasRate, .notNegative)
    try require("--threads", threads, .positive)
    try require("--checkpoint-minutes", checkpointMinutes, .notNegative)
    guard !resume || !overwrite else {
      throw ValidationError("--resume keeps what --overwrite would replace: give one of them")
    }
    try require("--seed", seed, .notNegative)
    guard wirePrecision == .float32 || reproducible != true else {
      throw ValidationError(
        "--wire-precision bf16 rounds sums, which --reproducible true keeps exact")
    }
  }
}
