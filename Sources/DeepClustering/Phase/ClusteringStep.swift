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

  init(
    _ parameters: ClusteringParameters, _ encoder: FeedForward, over world: any Communicator
  ) {
    self.parameters = parameters
    exchange = GradientExchange(
      encoder, extras: parameters.clusterCount * encoder.outputDimension + 1,
      precision: parameters.wirePrecision ?? .float32, over: world)
    optimizer = Optimizer(.sgd, biasRate: Float(parameters.biasRate))
    gradient = encoder.zeros
    pass = FeedForward.Pass(encoder, tile: parameters.isReproducible ? TiledBatch.tile : nil)
    rows = InputRows(columns: encoder.inputDimension, isSparse: false)
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
    let z = parameters.isReproducible ? pass.output.rows(tiles.rows) : pass.output
    let q = softAssignment(z, mu)

    // 2. Their targets, from the last refresh.
    var p = Matrix(rows: batch.count, columns: mu.rows)
    for (i, document) in batch.enumerated() {
      let row = refresh.softAssignment.row(document - offset)
      p.elements.replaceSubrange(i * mu.rows..<(i + 1) * mu.rows, with: row)
    }
    p = targetDistribution(
      softAssignment: p, softFrequencies: refresh.softFrequencies,
      exponent: parameters.frequencyExponent)

    // 3. Eq. 4 and 5 as means over the minibatch, summed over the ranks.
    let scale = 1 / Float(lanes.batchCount)
    let m = pull(z, mu, p, q, scale: scale)
    let last = encoder.layers.count - 1
    var extras: [Float]
    if parameters.isReproducible {
      if !parameters.freezesEncoder {
        var dz = InputRows(embeddingGradient(z, mu, pull: m))
        dz.pad(before: tiles.before, after: tiles.after)
        pass.gradients[last] = dz.dense
        encoder.backwardReproducibly(
          &rows, in: &pass, gradient: &gradient, batch: tiles, batchCount: lanes.batchCount,
          exchange: exchange)
      }
      var none: [Float] = []
      exchange.finish(into: &gradient, extras: &none)
      if !parameters.freezesEncoder { encoder.scale(&gradient, in: pass) }
      var sums = exactCentroidGradient(z, mu, m) + [klDivergence(p, q) * Double(scale)]
      exchange.sumExactly(&sums)
      extras = sums.map { Float($0) }
    } else {
      if !parameters.freezesEncoder {
        pass.gradients[last] = embeddingGradient(z, mu, pull: m)
        encoder.backward(rows, in: &pass, gradient: &gradient, exchange: exchange)
      }
      extras = centroidGradient(z, mu, pull: m).elements
      extras.append(Float(klDivergence(p, q)) * scale)
      exchange.start(extras: &extras)
      exchange.finish(into: &gradient, extras: &extras)
    }
    let loss = extras.removeLast()
    guard loss.isFinite else {
      throw breakdown(phase: "kl", iteration: iteration, option: "--learning-rate")
    }

    // 4. The same step on every rank.
    let (rate, momentum) = (Float(parameters.learningRate), Float(parameters.momentum))
    optimizer.beginStep()
    optimizer.update(&mu.elements, gradient: extras, learningRate: rate, momentum: momentum)
    if !parameters.freezesEncoder {
      optimizer.update(&encoder, gradient: gradient, learningRate: rate, momentum: momentum)
    }
    losses += Double(loss)
    steps += 1
    documents += lanes.batchCount
  }

  /// Eq. 5 document by document, each rounded alike, so that sums are the same in any order.
  private func exactCentroidGradient(_ z: Matrix, _ mu: Matrix, _ m: Matrix) -> [Double] {
    var sum = [Double](repeating: 0, count: mu.elements.count)
    let c = z.columns
    for i in 0..<z.rows {
      for j in 0..<mu.rows {
        for l in 0..<c {
          let term = -m[i, j] * (z.elements[i * c + l] - mu.elements[j * c + l])
          sum[j * c + l] += (Double(term) * 0x1p40).rounded() / 0x1p40
        }
      }
    }
    return sum
  }
}
