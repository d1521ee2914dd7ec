import Collectives
import Datasets
import DenseMath
import Diagnostics

/// The stacked denoising autoencoder, Section 3.2: each layer learns to reconstruct its input from a
/// corrupted one, then all layers together reconstruct the data.
public struct Pretraining {
  public let parameters: PretrainingParameters

  public init(_ parameters: PretrainingParameters) { self.parameters = parameters }

  /// Trains on the documents of all ranks. Collective.
  ///
  /// - Parameters:
  ///   - shard: The documents of this rank's lanes.
  ///   - samples: n, over all ranks.
  ///   - start: Weights to start from; drawn from the seed where nil.
  /// - Returns: The autoencoder, the same on every rank.
  /// - Throws: `Failure.work` where the loss is no longer finite.
  public func fit(
    to shard: Shard, samples: Int, from start: Autoencoder? = nil, over world: any Communicator,
    observe: Observer
  ) throws -> Autoencoder {
    var model =
      start
      ?? Autoencoder(
        inputs: shard.features, widths: parameters.layers,
        initialization: parameters.initialization, seed: UInt64(parameters.seed))
    let stages = parameters.layers.count
    for stage in 0..<stages {
      let isCode = stage == stages - 1
      let mirror = stages - 1 - stage
      var pair = FeedForward([model.encoder.layers[stage], model.decoder.layers[mirror]])
      try train(
        &pair,
        TrainingStage(
          name: "layerwise-\(stage + 1)", number: stage,
          iterations: parameters.layerwiseIterations,
          below: stage == 0 ? nil : FeedForward(Array(model.encoder.layers[..<stage])),
          corruption: stage == 0 && !parameters.corruptsData ? 0 : parameters.corruption,
          // The code layer is linear, and none of its units is dropped.
          hiddenDropout: isCode ? 0 : parameters.hiddenDropout),
        on: shard, samples, over: world, observe: observe)
      model.encoder.layers[stage] = pair.layers[0]
      model.decoder.layers[mirror] = pair.layers[1]
    }
    var whole = model.stacked
    try train(
      &whole,
      TrainingStage(
        name: "finetune", number: stages, iterations: parameters.finetuneIterations, below: nil,
        corruption: parameters.finetuneCorruption, hiddenDropout: 0),
      on: shard, samples, over: world, observe: observe)
    model.stacked = whole
    return model
  }

  /// One stage: `iterations` minibatches from the start of the lanes.
  func train(
    _ network: inout FeedForward, _ stage: TrainingStage, on shard: Shard, _ samples: Int,
    over world: any Communicator, observe: Observer
  ) throws {
    guard stage.iterations > 0 else { return }
    let cached = outputs(below: stage, of: shard, samples)
    let (shard, below) = cached.map { ($0, nil) } ?? (shard, stage.below)
    let seed = UInt64(parameters.seed)
    var lanes = Lanes(
      samples: samples, batchSize: parameters.batchSize,
      shuffleSeed: parameters.shuffles ? seed &+ UInt64(stage.number) : nil,
      rank: world.rank, of: world.size)
    var optimizer = Optimizer(parameters.optimizer, biasRate: Float(parameters.biasRate))
    var gradient = network.zeros
    let exchange = GradientExchange(
      &network, gradient: &gradient, extras: 1, precision: parameters.wirePrecision ?? .float32,
      over: world)
    defer { exchange.release(&network) }
    let tile = parameters.isReproducible ? TiledBatch.tile : nil
    var pass = FeedForward.Pass(network, tile: tile)
    var lowerPass = below.map { FeedForward.Pass($0, tile: tile) }
    var documents: [Int] = []
    var data = InputRows(columns: shard.features, isSparse: shard.isSparse)
    // What the stage reconstructs, and what it sees of it.
    var target = InputRows(
      columns: network.inputDimension, isSparse: below == nil && shard.isSparse)
    var corrupted = target
    var rowDocuments: [Int] = []
    var extras: [Float] = [0]
    var losses = 0.0
    var sinceEvent = 0

    for iteration in 0..<stage.iterations {
      // 1. This rank's part of the minibatch, through the finished layers.
      lanes.minibatch(iteration, into: &documents)
      shard.gather(documents, into: &data)
      var batch = TiledBatch(first: 0, count: documents.count)
      if parameters.isReproducible {
        batch = TiledBatch(first: lanes.firstPlace, count: documents.count)
        data.pad(before: batch.before, after: batch.after)
        batch.pad(documents, into: &rowDocuments)
      } else {
        rowDocuments.removeAll(keepingCapacity: true)
        rowDocuments.append(contentsOf: documents)
      }
      if let below {
        below.forward(data, in: &lowerPass!)
        target.dense.copy(from: lowerPass!.output)
      } else {
        swap(&target, &data)
      }

      // 2. Reconstruct it from its corrupted self (Eq. 6-9).
      corrupted.copy(from: target)
      func dropout(_ rate: Double, _ place: Int) -> Dropout {
        Dropout(
          rate: Float(rate), seed: seed, iteration: iteration, layer: 2 * stage.number + place)
      }
      dropout(stage.corruption, 0).apply(to: &corrupted, documents: rowDocuments)
      network.forward(corrupted, in: &pass, documents: rowDocuments) { layer in
        layer == 0 && stage.hiddenDropout > 0 ? dropout(stage.hiddenDropout, 1) : nil
      }
      let last = network.layers.count - 1
      let loss = reconstructionLoss(
        of: pass.output, against: target, batchCount: lanes.batchCount,
        documents: parameters.isReproducible ? batch.rows : 0..<documents.count,
        gradient: &pass.gradients[last])

      // 3. Gradients, summed over the ranks on the way.
      if parameters.isReproducible {
        network.backwardReproducibly(
          &corrupted, in: &pass, gradient: &gradient, batch: batch, batchCount: lanes.batchCount,
          exchange: exchange)
      } else {
        network.backward(corrupted, in: &pass, gradient: &gradient, exchange: exchange)
      }
      extras[0] = Float(loss)
      exchange.finish(into: &gradient, extras: &extras)
      if parameters.isReproducible {
        network.scale(&gradient, in: pass, part: exchange.part(of:))
      }

      // 4. The same step on every rank.
      guard extras[0].isFinite else {
        throw breakdown(phase: stage.name, iteration: iteration, option: "--pretrain-learning-rate")
      }
      let rate = parameters.rate(at: iteration, of: stage.iterations)
      let ramp = min(1, Double(iteration) / Double(parameters.momentumRamp))
      optimizer.beginStep()
      optimizer.update(
        &network, gradient: gradient, learningRate: Float(rate),
        momentum: Float(parameters.momentum * ramp), part: exchange.part(of:))
      exchange.publish(network)

      losses += Double(extras[0])
      sinceEvent += 1
      if sinceEvent == 50 || iteration == stage.iterations - 1 {
        var event = TrainingEvent(phase: stage.name, iteration: iteration + 1)
        event.plannedIterations = stage.iterations
        event.loss = losses / Double(sinceEvent)
        event.learningRate = rate
        event.documents = sinceEvent * lanes.batchCount
        event.communicationSeconds = exchange.takeSeconds()
        try observe(event)
        (losses, sinceEvent) = (0, 0)
      }
    }
  }
}

extension Pretraining {
  /// The finished layers' outputs of this rank's documents, where they are worth keeping: the stage
  /// meets every document at least once, and all of them take half a GiB or less. Neither depends on
  /// the number of ranks, so neither do the bits.
  private func outputs(below stage: TrainingStage, of shard: Shard, _ samples: Int) -> Shard? {
    guard let below = stage.below, !shard.range.isEmpty,
      stage.iterations * parameters.batchSize >= samples,
      samples * below.outputDimension * 4 <= 1 << 29
    else { return nil }
    return Shard(memory: InputRows(below.embed(shard)), range: shard.range)
  }
}

/// One stage of pretraining.
struct TrainingStage {
  var name: String
  /// Keeps the stages' random numbers apart.
  var number: Int
  var iterations: Int
  /// The finished layers, whose output is the stage's data; nil for the data itself.
  var below: FeedForward?
  var corruption: Double
  var hiddenDropout: Double
}

/// The failure of a loss that is no longer finite; the same on every rank.
func breakdown(phase: String, iteration: Int, option: String) -> Failure {
  var failure = Failure(
    .work,
    "\(phase): the loss is not finite at iteration \(iteration); lower \(option), or check the data's "
      + "scale with dec inspect")
  failure.isShared = true
  return failure
}
