import ArgumentParser
import DeepClustering

extension OptimizerKind: ExpressibleByArgument {}
extension WeightInitialization: ExpressibleByArgument {}
extension LearningRateSchedule: ExpressibleByArgument {}

/// Options of the stacked autoencoder.
struct PretrainingOptions: ParsableArguments {
  @Option(
    help: """
      Widths of the encoder's layers, the code last (default: 500,500,2000,30 for text and embeddings, else \
      500,500,2000,10; paper: 500,500,2000,10).
      """)
  var layers: String?

  @Option(
    help: "How weights are drawn: gaussian (0.01) or glorot (default: glorot; paper: gaussian).")
  var initialization: WeightInitialization?

  @Option(help: "Update rule of pretraining: sgd or adam (default: adam; paper: sgd).")
  var optimizer: OptimizerKind?

  @Option(help: "Learning rate of pretraining (default: 0.001; paper: 0.1).")
  var pretrainLearningRate: Double?

  @Option(
    help: """
      How that rate falls: step (a tenth every 20,000) or cosine (default: cosine; paper: step).
      """)
  var schedule: LearningRateSchedule?

  @Option(
    help: """
      Iterations of each layer's stage (default: 75, from 3000 documents 150, for text and embeddings, else 0; \
      paper: 50000).
      """)
  var layerwiseIterations: Int?

  @Option(
    help: """
      Iterations of finetuning (default: 300, from 3000 documents 600, for text and embeddings; pictures: 6500; \
      vectors: 40 epochs, 600 to 5000; paper: 100000).
      """)
  var finetuneIterations: Int?

  @Option(help: "Dropout of the inputs in the layerwise stages (default: 0.2).")
  var corruption: Double?

  @Option(
    help: """
      Whether the first stage's input is corrupted too: true or false (default: true; paper: false).
      """)
  var corruptData: Bool?

  @Option(
    help: """
      Dropout of the hidden units in the layerwise stages but the last (default: 0 for text and embeddings, \
      else 0.2; paper: 0.2).
      """)
  var hiddenDropout: Double?

  @Option(
    help: "Dropout of the inputs while finetuning (default: 0.5 for text, else 0.2; paper: 0).")
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
