import Collectives
import Datasets
import DenseMath
import Diagnostics

/// One minibatch of the KL phase, and the memory that it reuses.
struct ClusteringStep {
  private let parameters: ClusteringParameters
  let exchange: GradientExchange
  var optimizer: Optimizer
  /// Since the last event.
  var losses = 0.0
  var steps = 0
  var documents = 0

  private var gradient: FeedForward
  private var pass: FeedForward.Pass
  private var batch: [Int] = []
  private var rows: InputRows
  /// Of the minibatch: code, q, p, how documents and centroids pull.
  private var z: Matrix
  private var q: Matrix
  private var p: Matrix
  private var m: Matrix
  /// Eq. 4, padded to whole tiles where these are used.
  private var dz: InputRows
  /// Eq. 5 and the loss, beside the layers' gradients.
  private var extras: [Float]
  /// The same before they become floats.
  private var sums: [Double]

  /// Collective. Until `release`, the encoder's weights may lie in memory that the ranks share.
  init(
    _ parameters: ClusteringParameters, _ encoder: inout FeedForward, over world: any Communicator
  ) {
    self.parameters = parameters
    let (k, c) = (parameters.clusterCount, encoder.outputDimension)
    gradient = encoder.zeros
    exchange = GradientExchange(
      &encoder, gradient: &gradient, extras: k * c + 1,
      precision: parameters.wirePrecision ?? .float32, over: world)
    optimizer = Optimizer(.sgd, biasRate: Float(parameters.biasRate))
    pass = FeedForward.Pass(encoder, tile: parameters.isReproducible ? TiledBatch.tile : nil)
    rows = InputRows(columns: encoder.inputDimension, isSparse: false)
    z = Matrix(rows: 0, columns: c)
    let none = Matrix(rows: 0, columns: k)
    (q, p, m) = (none, none, none)
    dz = InputRows(columns: c, isSparse: false)
    extras = [Float](repeating: 0, count: k * c + 1)
    sums = [Double](repeating: 0, count: k * c + 1)
  }

  /// Moves encoder and centroids by one step of SGD. Collective.
  ///
  /// - Parameter offset: The document of `refresh`'s first row.
  mutating func take(
    _ iteration: Int, _ encoder: inout FeedForward, _ mu: inout Matrix, _ refresh: TargetRefresh,
    _ shard: Shard, _ lanes: inout Lanes, offset: Int
  ) throws {
    // 1. This rank's documents, their code and their q.
    if rows.isSparse != shard.isSparse {
      rows = InputRows(columns: shard.features, isSparse: shard.isSparse)
    }
    lanes.minibatch(iteration, into: &batch)
    shard.gather(batch, into: &rows)
    Dropout(
      rate: Float(parameters.corruption), seed: UInt64(parameters.seed), iteration: iteration,
      layer: 1000
    ).apply(to: &rows, documents: batch)
    let tiles = TiledBatch(first: lanes.firstPlace, count: batch.count)
    if parameters.isReproducible { rows.pad(before: tiles.before, after: tiles.after) }
    encoder.forward(rows, in: &pass)
    z.copy(from: pass.output, rows: parameters.isReproducible ? tiles.rows : 0..<batch.count)
    softAssignment(z, mu, into: &q)

    // 2. Their targets, from the last refresh.
    p.resize(rows: batch.count)
    p.withUnsafeMutableElements { p in
      refresh.softAssignment.withUnsafeElements { q in
        let k = mu.rows
        for (i, document) in batch.enumerated() {
          for j in 0..<k { p[i * k + j] = q[(document - offset) * k + j] }
        }
      }
    }
    targetDistribution(
      inPlaceOf: &p, softFrequencies: refresh.softFrequencies,
      exponent: parameters.frequencyExponent)

    // 3. Eq. 4 and 5 as means over the minibatch, summed over the ranks.
    let scale = 1 / Float(lanes.batchCount)
    pull(z, mu, p, q, scale: scale, into: &m)
    if !parameters.freezesEncoder {
      embeddingGradient(z, mu, pull: m, into: &dz.dense)
      if parameters.isReproducible { dz.pad(before: tiles.before, after: tiles.after) }
      swap(&pass.gradients[encoder.layers.count - 1], &dz.dense)
    }
    let loss = klDivergence(p, q) * Double(scale)
    if parameters.isReproducible {
      if !parameters.freezesEncoder {
        encoder.backwardReproducibly(
          &rows, in: &pass, gradient: &gradient, batch: tiles, batchCount: lanes.batchCount,
          exchange: exchange)
      }
      exchange.finish(into: &gradient, extras: &extras, sumsExtras: false)
      if !parameters.freezesEncoder {
        encoder.scale(&gradient, in: pass, part: exchange.part(of:))
      }
      // Each document's term rounded alike: the same in any order.
      centroidGradient(
        z, mu, pull: m, rounded: { (Double($0) * 0x1p40).rounded() / 0x1p40 }, into: &sums)
      sums[sums.count - 1] = loss
      exchange.sumExactly(&sums)
      for i in sums.indices { extras[i] = Float(sums[i]) }
    } else {
      if !parameters.freezesEncoder {
        encoder.backward(rows, in: &pass, gradient: &gradient, exchange: exchange)
      }
      centroidGradient(z, mu, pull: m, into: &extras)
      extras[extras.count - 1] = Float(loss)
      exchange.finish(into: &gradient, extras: &extras)
    }
    guard extras[extras.count - 1].isFinite else {
      throw breakdown(phase: "kl", iteration: iteration, option: "--learning-rate")
    }

    // 4. The same step on every rank.
    let (rate, momentum) = (Float(parameters.learningRate), Float(parameters.momentum))
    optimizer.beginStep()
    extras.withUnsafeBufferPointer { gradient in
      mu.withUnsafeMutableElements { mu in
        optimizer.update(
          mu, gradient: .init(rebasing: gradient.dropLast()), learningRate: rate,
          momentum: momentum)
      }
    }
    if !parameters.freezesEncoder {
      optimizer.update(
        &encoder, gradient: gradient, learningRate: rate, momentum: momentum,
        part: exchange.part(of:))
    }
    exchange.publish(encoder)
    losses += Double(extras[extras.count - 1])
    steps += 1
    documents += lanes.batchCount
  }
}
