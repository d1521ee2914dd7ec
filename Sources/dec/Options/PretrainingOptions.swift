import ArgumentParser
import DeepClustering

extension OptimizerKind: ExpressibleByArgument {}
extension WeightInitialization: ExpressibleByArgument {}
extension LearningRateSchedule: ExpressibleByArgument {}

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
      ?? (common.preset == .default && p.layerwiseIterations > 0 && finetuneIterations != nil
        ? finetuneIterations! / 4 : p.layerwiseIterations)
    p.finetuneIterations = finetuneIterations ?? p.finetuneIterations
    p.corruption = corruption ?? p.corruption
    p.corruptsData = corruptData ?? p.corruptsData
    p.hiddenDropout = hiddenDropout ?? p.hiddenDropout
    p.finetuneCorruption = finetuneCorruption ?? p.finetuneCorruption
    return p
  }
}
