import Collectives
import Datasets
import DenseMath
import Diagnostics

/// The KL phase, Section 3.1.3: embedding and centroids are refined towards the target distribution
/// until the assignments settle.
public struct ClusteringPhase {
  public let parameters: ClusteringParameters

  public init(_ parameters: ClusteringParameters) { self.parameters = parameters }

  /// How the phase ended.
  public struct Outcome: Sendable {
    public var final: TargetRefresh
    public var iterations: Int
    public var refreshes: Int
    /// Whether the label change fell below the tolerance; else the iterations ran out.
    public var settled: Bool
  }

  /// Refines `encoder` and `centroids` over the documents of all ranks. Collective.
  ///
  /// - Parameters:
  ///   - centroids: `[clusters, latent]`, from k-means.
  ///   - shard: The documents of this rank's lanes.
  ///   - samples: n, over all ranks.
  /// - Throws: `Failure.work` where the loss is no longer finite.
  public func fit(
    _ encoder: inout FeedForward, _ centroids: inout Matrix, to shard: Shard, samples: Int,
    over world: any Communicator, observe: Observer
  ) throws -> Outcome {
    var lanes = Lanes(
      samples: samples, batchSize: parameters.batchSize,
      shuffleSeed: parameters.shuffles ? UInt64(parameters.seed) &+ 1 << 32 : nil,
      rank: world.rank, of: world.size)
    let interval =
      parameters.targetUpdateInterval
      ?? max(1, (samples + parameters.batchSize - 1) / parameters.batchSize)
    var step = ClusteringStep(parameters, &encoder, over: world)
    defer { step.exchange.release(&encoder) }
    var previous: [Int32]?
    var iteration = 0
    var refreshes = 0

    while true {
      // 1. q, f and the assignments of the whole corpus.
      let refresh = TargetRefresh(
        of: shard, through: encoder, centroids: centroids, samples: samples, over: world)
      refreshes += 1
      guard refresh.softFrequencies.allSatisfy({ $0.isFinite }), centroids.isFinite else {
        throw breakdown(phase: "kl", iteration: iteration, option: "--learning-rate")
      }
      let change = previous.map {
        labelChange(from: $0, to: refresh.assignments, samples, over: world)
      }
      previous = refresh.assignments
      try observe(event(refresh, change, iteration, samples, centroids, &step))

      // 2. Enough?
      let settled = change.map { $0 < parameters.labelChangeTolerance } ?? false
      let end = parameters.maxIterations ?? .max
      if settled || iteration >= end {
        return Outcome(
          final: refresh, iterations: iteration, refreshes: refreshes, settled: settled)
      }

      // 3. λ minibatches towards p, the momentum from zero.
      step.optimizer.reset()
      for _ in 0..<min(interval, end - iteration) {
        try step.take(
          iteration, &encoder, &centroids, refresh, shard, &lanes, offset: shard.range.lowerBound)
        iteration += 1
      }
    }
  }

  private func labelChange(
    from old: [Int32], to new: [Int32], _ samples: Int, over world: any Communicator
  ) -> Double {
    let changed = zip(old, new).reduce(Int64(0)) { $0 + ($1.0 == $1.1 ? 0 : 1) }
    return Double(world.allReduce(changed)) / Double(samples)
  }

  private func event(
    _ refresh: TargetRefresh, _ change: Double?, _ iteration: Int, _ samples: Int,
    _ centroids: Matrix, _ step: inout ClusteringStep
  ) -> TrainingEvent {
    var event = TrainingEvent(phase: "kl", iteration: iteration)
    event.plannedIterations = parameters.maxIterations
    event.learningRate = parameters.learningRate
    event.labelChange = change
    event.clusterSizes = refresh.clusterSizes
    event.assignments = refresh.assignments
    event.documents = samples + step.documents
    event.communicationSeconds = step.exchange.takeSeconds()
    event.loss = step.steps > 0 ? step.losses / Double(step.steps) : nil
    (step.losses, step.steps, step.documents) = (0, 0, 0)
    if let empty = refresh.clusterSizes.firstIndex(of: 0) {
      event.warning = "cluster \(empty) is empty; fewer --clusters may fit the data better"
    } else if let (a, b) = centroids.coincidingRows() {
      event.warning =
        "the centroids \(a) and \(b) coincide; fewer --clusters may fit the data better"
    }
    return event
  }
}

extension Matrix {
  var isFinite: Bool { withUnsafeElements { $0.allSatisfy(\.isFinite) } }

  /// The first two rows that are equal to within rounding of their own size.
  func coincidingRows() -> (Int, Int)? {
    for a in 0..<rows {
      for b in 0..<a {
        var (distance, size) = (0.0, 0.0)
        for c in 0..<columns {
          let (x, y) = (Double(self[a, c]), Double(self[b, c]))
          distance += (x - y) * (x - y)
          size += x * x + y * y
        }
        if distance <= 1e-10 * size { return (b, a) }
      }
    }
    return nil
  }
}
