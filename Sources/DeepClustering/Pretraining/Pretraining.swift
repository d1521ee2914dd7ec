import Collectives
import Datasets
import DenseMath
import Diagnostics

/// The stacked denoising autoencoder, Section 3.2: each layer learns to reconstruct its input from
/// a corrupted one, then all layers together reconstruct the data.
public struct Pretraining {
  public let parameters: PretrainingParameters

  public init(_ parameters: PretrainingParameters) { self.parameters = parameters }

  /// Trains on the documents of all ranks. Collective.
  ///
  /// - Parameters:
  ///   - start: Weights to start from; drawn from the seed where nil.
  ///   - state: Where to go on, which an observer had from a step's boundary of this phase; nil to
  ///     begin.
  /// - Returns: The autoencoder, the same on every rank.
  /// - Throws: `Failure.work` where the loss is no longer finite; what an observer throws.
  public func fit(
    to data: TrainingData, from start: Autoencoder? = nil, resuming state: TrainingState? = nil,
    observers: [any TrainingObserver] = []
  ) throws -> Autoencoder {
    var model = start ?? newAutoencoder(features: data.features)
    if let state { model.stacked = try state.network("autoencoder", like: model.stacked) }
    let first = state.map { stageNumber(of: $0.header.phase) } ?? 0
    for stage in stages[first...] where stage.iterations > 0 {
      try train(
        stage, of: &model, on: data, resuming: stage.number == first ? state : nil, observers)
    }
    return model
  }

  /// The autoencoder that the seed stands for.
  func newAutoencoder(features: Int) -> Autoencoder {
    Autoencoder(
      inputs: features, widths: parameters.layers, initialization: parameters.initialization,
      seed: UInt64(parameters.seed))
  }

  /// The stages in order: one for each layer, then all layers together.
  private var stages: [PretrainingStage] {
    let count = parameters.layers.count
    let layerwise = (0..<count).map { number in
      PretrainingStage(
        number: number, phase: .layerwise(stage: number + 1),
        iterations: parameters.layerwiseIterations,
        corruption: number == 0 && !parameters.corruptsData ? 0 : parameters.corruption,
        // The code layer is linear, and none of its units is dropped.
        hiddenDropout: number == count - 1 ? 0 : parameters.hiddenDropout)
    }
    return layerwise + [
      PretrainingStage(
        number: count, phase: .finetune, iterations: parameters.finetuneIterations,
        corruption: parameters.finetuneCorruption, hiddenDropout: 0)
    ]
  }

  private func stageNumber(of phase: TrainingPhase) -> Int {
    stages.firstIndex { $0.phase == phase } ?? stages.count
  }

  /// One stage: `iterations` minibatches from the start of the lanes.
  private func train(
    _ stage: PretrainingStage, of model: inout Autoencoder, on data: TrainingData,
    resuming state: TrainingState?, _ observers: [any TrainingObserver]
  ) throws {
    var network = model.layers(of: stage)
    if let state { network = try state.network("stage", like: network) }
    let below = stage.phase == .finetune ? nil : model.layersBelow(stage)
    let cached = outputs(of: below, stage, data)
    let seed = UInt64(parameters.seed)
    let source = cached.map(data.replacingDocuments) ?? data
    var step = TrainingStep(
      network, Optimizer(parameters.optimizer, biasRate: Float(parameters.biasRate)), on: source,
      batch: Minibatch(
        of: source, batchSize: parameters.batchSize,
        shuffleSeed: parameters.shuffles ? seed &+ UInt64(stage.number) : nil,
        augmentation: parameters.augments
          ? data.augmentation(seed: parameters.seed, stage: stage.number) : nil),
      isExact: parameters.isReproducible, precision: parameters.wirePrecision)
    var objective = ReconstructionObjective(
      stage, below: cached == nil ? below : nil, on: source, seed: seed, tile: step.rule.tile)
    if let state { try step.restore(from: state, as: "stage") }

    let unchanged = model.stacked
    for iteration in (state?.header.iteration ?? 0)..<stage.iterations {
      let ramp = min(1, Double(iteration) / Double(parameters.momentumRamp))
      let rate = LearningRate(
        rate: parameters.rate(at: iteration, of: stage.iterations),
        momentum: parameters.momentum * ramp)
      try step.take(
        iteration, of: source.shard, towards: &objective, rate,
        votes: observers.votes(isRoot: data.world.isRoot),
        failure: .breakdown(stage.phase, iteration: iteration, option: "--pretrain-learning-rate"))
      if step.progress.steps == 50 || iteration + 1 == stage.iterations {
        try observers.observe(event(of: stage, iteration + 1, rate, &step))
      }
      try observers.stepEnded(
        step, stage.phase, iteration + 1, isLast: iteration + 1 == stage.iterations
      ) { step in
        var state = step.state(stage.phase, iteration: iteration + 1, as: "stage")
        state.save(unchanged, as: "autoencoder", isOwner: data.world.isRoot)
        return state
      }
    }
    model.replace(layersOf: stage, by: step.parameters.snapshot())
  }

  private func event(
    of stage: PretrainingStage, _ iteration: Int, _ rate: LearningRate, _ step: inout TrainingStep
  ) -> TrainingEvent {
    var progress = PhaseProgress(stage.phase, iteration: iteration)
    progress.plannedIterations = stage.iterations
    progress.learningRate = rate.rate
    step.takeProgress(into: &progress)
    return .pretraining(progress)
  }

  /// The finished layers' outputs of this rank's documents, where they are worth keeping: the stage
  /// meets every document at least once, and all of them take half a GiB or less. Neither depends
  /// on the number of ranks, so neither do the bits. Augmented documents are new at each step.
  private func outputs(
    of below: FeedForward?, _ stage: PretrainingStage, _ data: TrainingData
  ) -> Shard? {
    guard let below, !(parameters.augments && data.isPicture), !data.shard.range.isEmpty,
      stage.iterations * parameters.batchSize >= data.samples,
      data.samples * below.outputDimension * 4 <= 1 << 29
    else { return nil }
    return Shard(memory: InputRows(below.embed(data.shard)), range: data.shard.range)
  }
}

/// One stage of pretraining.
struct PretrainingStage {
  /// From 0; keeps the stages' random numbers apart.
  var number: Int
  var phase: TrainingPhase
  var iterations: Int
  /// Dropout of the stage's input.
  var corruption: Double
  /// Dropout of the first layer's output.
  var hiddenDropout: Double
}

extension Autoencoder {
  /// The network that a stage trains: a layer and its mirror, or all layers.
  fileprivate func layers(of stage: PretrainingStage) -> FeedForward {
    guard stage.phase != .finetune else { return stacked }
    return FeedForward([
      encoder.layers[stage.number], decoder.layers[encoder.layers.count - 1 - stage.number],
    ])
  }

  fileprivate mutating func replace(layersOf stage: PretrainingStage, by network: FeedForward) {
    guard stage.phase != .finetune else {
      stacked = network
      return
    }
    encoder.layers[stage.number] = network.layers[0]
    decoder.layers[encoder.layers.count - 1 - stage.number] = network.layers[1]
  }

  /// The finished encoder layers whose output a stage reconstructs; nil for the data itself.
  fileprivate func layersBelow(_ stage: PretrainingStage) -> FeedForward? {
    stage.number == 0 ? nil : FeedForward(Array(encoder.layers[..<stage.number]))
  }
}
