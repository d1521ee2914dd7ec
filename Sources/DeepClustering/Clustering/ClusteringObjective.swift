import Datasets
import DenseMath

/// The objective of the KL phase: KL(P‖Q) of the minibatch (Eq. 2), whose gradients move the
/// embedding (Eq. 4) and the centroids (Eq. 5).
struct ClusteringObjective: TrainingObjective {
  var input: InputRows
  var trainsNetwork: Bool { !parameters.freezesEncoder }

  /// μ, `[clusters, latent]`.
  var centroids: Matrix
  var centroidMoments: Moments
  /// What the targets come from: codes, centroids and f of the whole corpus; set before the first
  /// step.
  var refresh: TargetRefresh

  private let parameters: ClusteringParameters
  /// The global number of this rank's first document.
  private let firstDocument: Int
  /// Of the minibatch: the code, now and at the last refresh, q, p, and how documents and centroids
  /// pull at each other.
  private var z: Matrix
  private var refreshed: Matrix
  private var q: Matrix
  private var p: Matrix
  private var m: Matrix
  /// Eq. 4, padded to whole tiles where these are used.
  private var dz: InputRows

  init(
    _ parameters: ClusteringParameters, centroids: Matrix, on data: TrainingData
  ) {
    self.parameters = parameters
    self.centroids = centroids
    refresh = TargetRefresh()
    firstDocument = data.shard.range.lowerBound
    centroidMoments = Moments(.sgd, count: centroids.count)
    input = InputRows(columns: data.features, isSparse: data.isSparse)
    z = Matrix(rows: 0, columns: centroids.columns)
    refreshed = z
    let none = Matrix(rows: 0, columns: centroids.rows)
    (q, p, m) = (none, none, none)
    dz = InputRows(columns: centroids.columns, isSparse: false)
  }

  mutating func prepare(_ minibatch: inout Minibatch, iteration: Int) {
    swap(&input, &minibatch.inputs)
    Dropout(
      rate: Float(parameters.corruption), seed: UInt64(parameters.seed), iteration: iteration,
      layer: 1000
    ).apply(to: &input, documents: minibatch.rowDocuments)
  }

  func dropout(layer: Int, iteration: Int) -> Dropout? { nil }

  mutating func evaluate(
    _ output: Matrix, of minibatch: Minibatch, gradient: inout Matrix, sums: inout StepSums
  ) {
    // 1. This rank's code and its q (Eq. 1).
    z.copy(from: output, rows: minibatch.documentRows)
    softAssignment(z, centroids, into: &q)

    // 2. Their targets, from the last refresh (Eq. 3).
    refreshed.gatherRows(minibatch.documents, of: refresh.codes, from: firstDocument)
    softAssignment(refreshed, refresh.centroids, into: &p)
    targetDistribution(
      inPlaceOf: &p, softFrequencies: refresh.softFrequencies,
      exponent: parameters.frequencyExponent)

    // 3. The loss and Eq. 4 as means over the minibatch.
    let scale = 1 / Float(minibatch.batchCount)
    pull(z, centroids, p, q, scale: scale, into: &m)
    if trainsNetwork {
      embeddingGradient(z, centroids, pull: m, into: &dz.dense)
      let before = minibatch.documentRows.lowerBound
      let after = output.rows - minibatch.documentRows.upperBound
      if before + after > 0 { dz.pad(before: before, after: after) }
      swap(&gradient, &dz.dense)
    }
    sums.loss = klDivergence(p, q) * Double(scale)
  }

  /// Eq. 5.
  mutating func addGradient(to sums: inout StepSums) {
    if sums.exact.isEmpty {
      centroidGradient(z, centroids, pull: m, into: &sums.values)
    } else {
      // Each document's term rounded alike: the same sum in any order.
      centroidGradient(
        z, centroids, pull: m, rounded: { (Double($0) * 0x1p40).rounded() / 0x1p40 },
        into: &sums.exact)
    }
  }

  mutating func update(by optimizer: Optimizer, _ sums: StepSums, _ rate: LearningRate) {
    sums.values.withUnsafeBufferPointer { gradient in
      centroids.withUnsafeMutableElements { mu in
        optimizer.update(
          mu, gradient: .init(rebasing: gradient[..<mu.count]), &centroidMoments,
          learningRate: Float(rate.rate), momentum: Float(rate.momentum))
      }
    }
  }
}
