import ArgumentParser
import DeepClustering
import Diagnostics

extension Preset: ExpressibleByArgument {}
extension OptimizerKind: ExpressibleByArgument {}
extension WeightInitialization: ExpressibleByArgument {}
extension LearningRateSchedule: ExpressibleByArgument {}
extension CodeForm: ExpressibleByArgument {}
extension WirePrecision: ExpressibleByArgument {}

/// Options of every training command. An option that is not given has the value of the preset.
struct CommonOptions: ParsableArguments {
  @Option(help: "Settings to start from: paper or default.")
  var preset: Preset = .default

  @Option(help: "Seed of every random number.")
  var seed = 0

  @Option(help: "Documents in a minibatch, over all ranks.")
  var batchSize: Int?

  @Option(help: "Momentum of SGD.")
  var momentum: Double?

  @Option(help: "Rate of the biases, as a multiple of the weights'.")
  var biasRate: Double?

  @Option(help: "Whether documents are shuffled within their lane in each epoch: true or false.")
  var shuffle: Bool?

  @Option(
    help: "Whether pictures are shifted and turned at random at each step: true or false.")
  var augment: Bool?

  @Option(help: "Whether gradients have the same bits at every number of ranks: true or false.")
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
      Minutes between two checkpoints, fractions too; 0 for none but at a signal; otherwise 2, or more where they \
      would take over 1 % of the time.
      """)
  var checkpointMinutes: Double?

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

/// Options of the stacked autoencoder.
struct PretrainingOptions: ParsableArguments {
  @Option(help: "Widths of the encoder's layers, the code last.")
  var layers: String?

  @Option(help: "How weights are drawn: gaussian (0.01) or glorot.")
  var initialization: WeightInitialization?

  @Option(help: "Update rule of pretraining: sgd or adam.")
  var optimizer: OptimizerKind?

  @Option(help: "Learning rate of pretraining.")
  var pretrainLearningRate: Double?

  @Option(help: "How that rate falls: step (a tenth every 20,000) or cosine.")
  var schedule: LearningRateSchedule?

  @Option(help: "Iterations of each layer's stage.")
  var layerwiseIterations: Int?

  @Option(help: "Iterations of finetuning.")
  var finetuneIterations: Int?

  @Option(help: "Dropout of the inputs in the layerwise stages.")
  var corruption: Double?

  @Option(help: "Whether the first stage's input is corrupted too: true or false.")
  var corruptData: Bool?

  @Option(help: "Dropout of the hidden units in the layerwise stages but the last.")
  var hiddenDropout: Double?

  @Option(help: "Dropout of the inputs while finetuning.")
  var finetuneCorruption: Double?

  func validate() throws {
    try require("--corruption", corruption, .rate)
    try require("--hidden-dropout", hiddenDropout, .rate)
    try require("--finetune-corruption", finetuneCorruption, .rate)
    try require("--layerwise-iterations", layerwiseIterations, .notNegative)
    try require("--finetune-iterations", finetuneIterations, .notNegative)
    try require("--pretrain-learning-rate", pretrainLearningRate, .positive)
    guard layers == nil || widths != nil else {
      throw ValidationError(
        "--layers is \"\(layers!)\", but must be widths of 1 to 2^20 - 1, such as 500,500,2000,10")
    }
  }

  private var widths: [Int]? {
    guard let layers else { return nil }
    let numbers = layers.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard !numbers.isEmpty, numbers.allSatisfy({ ($0 ?? 0) > 0 && ($0 ?? 0) < 1 << 20 }) else {
      return nil
    }
    return numbers.map { $0! }
  }

  func parameters(
    _ common: CommonOptions, samples: Int, kind: CorpusKind
  ) -> PretrainingParameters {
    var p = common.preset.pretraining(
      samples: samples, kind: kind)
    p.seed = common.seed
    p.batchSize = common.batchSize ?? p.batchSize
    p.momentum = common.momentum ?? p.momentum
    p.biasRate = common.biasRate ?? p.biasRate
    p.shuffles = common.shuffle ?? p.shuffles
    p.augments = common.augment ?? p.augments
    p.wirePrecision = common.wirePrecision
    p.isReproducible =
      common.reproducible ?? (p.isReproducible && common.wirePrecision == .float32)
    p.layers = widths ?? p.layers
    p.initialization = initialization ?? p.initialization
    p.optimizer = optimizer ?? p.optimizer
    p.learningRate = pretrainLearningRate ?? p.learningRate
    p.schedule = schedule ?? p.schedule
    p.layerwiseIterations =
      layerwiseIterations
      ?? (common.preset == .default && finetuneIterations != nil
        ? finetuneIterations! / 4 : p.layerwiseIterations)
    p.finetuneIterations = finetuneIterations ?? p.finetuneIterations
    p.corruption = corruption ?? p.corruption
    p.corruptsData = corruptData ?? p.corruptsData
    p.hiddenDropout = hiddenDropout ?? p.hiddenDropout
    p.finetuneCorruption = finetuneCorruption ?? p.finetuneCorruption
    return p
  }
}

/// Options of k-means and the KL phase.
struct ClusteringOptions: ParsableArguments {
  @Option(help: "Clusters, k.")
  var clusters: Int

  @Option(help: "Iterations between two refreshes of the target, λ; 0 for once an epoch.")
  var updateInterval: Int?

  @Option(help: "Stop when a smaller share of the documents changes cluster between refreshes.")
  var tolerance: Double?

  @Option(help: "Most iterations of the KL phase; 0 for no limit.")
  var maxIterations: Int?

  @Option(help: "Learning rate of the KL phase.")
  var learningRate: Double?

  @Option(help: "Starts of k-means.")
  var restarts: Int?

  @Option(help: "What is clustered: the raw code, or its direction only (unit).")
  var code: CodeForm?

  @Option(
    help: "Root-mean-square distance to the centroids that the code is scaled to; 0: as it is.")
  var codeScale: Double?

  @Option(help: "Exponent of the cluster frequency in the target distribution.")
  var frequencyExponent: Double?

  @Option(
    help: """
      Exponent of a second attempt, where the first moves the clusters away from the data; none where \
      --frequency-exponent is given alone.
      """)
  var fallbackExponent: Double?

  @Option(help: "Dropout of the inputs in the KL phase.")
  var clusterCorruption: Double?

  @Option(
    help: """
      Whether the KL phase goes back to the refresh before, and ends, where clusters double, halve or swallow \
      the others: true or false.
      """)
  var collapseGuard: Bool?

  @Flag(help: "Let only the centroids learn (\"DEC w/o backprop\").")
  var freezeEncoder = false

  @Option(
    help: """
      Whether k-means on the input, and on latent semantic analysis, are scored beside the result, where there \
      are labels: true or false; otherwise below 50,000 documents.
      """)
  var baselines: Bool?

  @Option(help: "Centroids to start from, [clusters, code], in place of k-means.")
  var initialCentroids: String?

  @Option(
    help: """
      Documents, evenly spaced, that k-means sees; 0 for all, which is so below 50 million documents times \
      clusters.
      """)
  var kmeansSample: Int?

  @Option(
    help: """
      Most probable clusters of each document that are written, where there are more than 100 clusters.
      """)
  var keepTop = 10

  func validate() throws {
    try require("--clusters", clusters, .positive)
    try require("--update-interval", updateInterval, .notNegative)
    try require("--max-iterations", maxIterations, .notNegative)
    try require("--restarts", restarts, .positive)
    try require("--kmeans-sample", kmeansSample, .notNegative)
    try require("--keep-top", keepTop, .positive)
    try require("--learning-rate", learningRate, .positive)
    try require("--tolerance", tolerance, .share)
    try require("--code-scale", codeScale, .notNegative)
    try require("--frequency-exponent", frequencyExponent, .finite)
    try require("--fallback-exponent", fallbackExponent, .finite)
    try require("--cluster-corruption", clusterCorruption, .rate)
  }

  func comparesBaselines(samples: Int) -> Bool { baselines ?? (samples < 50_000) }

  func parameters(
    _ common: CommonOptions, samples: Int, kind: CorpusKind
  ) -> ClusteringParameters {
    var p = common.preset.clustering(
      clusterCount: clusters, samples: samples, kind: kind)
    p.seed = common.seed
    p.batchSize = common.batchSize ?? p.batchSize
    p.momentum = common.momentum ?? p.momentum
    p.biasRate = common.biasRate ?? p.biasRate
    p.shuffles = common.shuffle ?? p.shuffles
    p.augments = common.augment ?? p.augments
    p.wirePrecision = common.wirePrecision
    p.isReproducible =
      common.reproducible ?? (p.isReproducible && common.wirePrecision == .float32)
    if let updateInterval {
      p.targetUpdateInterval = updateInterval == 0 ? nil : updateInterval
    }
    if let maxIterations { p.maxIterations = maxIterations == 0 ? nil : maxIterations }
    p.labelChangeTolerance = tolerance ?? p.labelChangeTolerance
    p.learningRate = learningRate ?? p.learningRate
    p.restarts = restarts ?? p.restarts
    if let kmeansSample { p.initialSample = kmeansSample == 0 ? nil : max(kmeansSample, clusters) }
    p.code = code ?? p.code
    p.codeScale = codeScale ?? p.codeScale
    if let frequencyExponent {
      // The one that is asked for, and no other.
      (p.frequencyExponent, p.fallbackExponent) = (frequencyExponent, nil)
    }
    p.fallbackExponent = fallbackExponent ?? p.fallbackExponent
    p.corruption = clusterCorruption ?? p.corruption
    p.stopsAtCollapse = collapseGuard ?? p.stopsAtCollapse
    p.freezesEncoder = freezeEncoder
    return p
  }
}
