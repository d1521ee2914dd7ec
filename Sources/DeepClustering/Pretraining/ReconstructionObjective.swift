import Datasets
import DenseMath

/// The objective of one stage of pretraining: the network reconstructs its input from a corrupted
/// one (Eq. 6 to 9).
struct ReconstructionObjective: TrainingObjective {
  /// The corrupted input, x̃.
  var input: InputRows
  let trainsNetwork = true

  /// The uncorrupted input, x: what the stage reconstructs.
  private var target: InputRows
  private let stage: PretrainingStage
  private let seed: UInt64
  /// The finished layers below the stage, and their memory.
  private let below: FeedForward?
  private var lowerPass: FeedForward.Pass?

  /// - Parameters:
  ///   - below: The finished layers, whose output is the stage's data; nil for the data itself.
  ///   - tile: Rows of a product; see `GradientRule`.
  init(
    _ stage: PretrainingStage, below: FeedForward?, on data: TrainingData, seed: UInt64, tile: Int?
  ) {
    self.stage = stage
    self.seed = seed
    self.below = below
    lowerPass = below.map { FeedForward.Pass($0, tile: tile) }
    target = InputRows(
      columns: below?.outputDimension ?? data.features, isSparse: below == nil && data.isSparse)
    input = target
  }

  mutating func prepare(_ minibatch: inout Minibatch, iteration: Int) {
    if let below {
      below.forward(minibatch.inputs, in: &lowerPass!)
      target.dense.copy(from: lowerPass!.output)
    } else {
      swap(&target, &minibatch.inputs)
    }
    input.copy(from: target)
    dropout(stage.corruption, layer: 2 * stage.number, iteration)
      .apply(to: &input, documents: minibatch.rowDocuments)
  }

  func dropout(layer: Int, iteration: Int) -> Dropout? {
    guard layer == 0, stage.hiddenDropout > 0 else { return nil }
    return dropout(stage.hiddenDropout, layer: 2 * stage.number + 1, iteration)
  }

  private func dropout(_ rate: Double, layer: Int, _ iteration: Int) -> Dropout {
    Dropout(rate: Float(rate), seed: seed, iteration: iteration, layer: layer)
  }

  mutating func evaluate(
    _ output: Matrix, of minibatch: Minibatch, gradient: inout Matrix, sums: inout StepSums
  ) {
    sums.loss = reconstructionLoss(
      of: output, against: target, batchCount: minibatch.batchCount,
      documents: minibatch.documentRows, gradient: &gradient)
  }

  mutating func addGradient(to sums: inout StepSums) {}

  mutating func update(by optimizer: Optimizer, _ sums: StepSums, _ rate: LearningRate) {}
}
