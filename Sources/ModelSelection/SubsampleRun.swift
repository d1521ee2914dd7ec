import ClusteringMetrics
import DeepClustering
import DenseMath
import Glibc

/// k-means and the KL phase on one subsample, and what they make of the sample.
struct SubsampleRun {
  /// The clusters of this rank's documents of the sample.
  let assignments: [Int32]
  /// G: the mean loss of the documents trained on over that of the others.
  let generalizability: Double
  /// Against the labels of the sample; nil without.
  let nmi: Double?
  /// ln of k-means' Σ ‖z − μ‖² over the subsample, in the code as pretrained.
  let logInertia: Double
  /// Iterations of the KL phase.
  let iterations: Int

  /// Trains and measures. Collective.
  ///
  /// - Parameters:
  ///   - index: b, of the subsample.
  ///   - part: Its documents.
  init(
    _ index: Int, of subsamples: Subsamples, on part: TrainingData,
    _ documents: ModelSelection.Documents, from autoencoder: Autoencoder,
    _ parameters: ClusteringParameters
  ) throws {
    var parameters = parameters
    parameters.seed &+= index
    var inertia = 0.0
    let watch = EventObserver { event in
      if case .kMeans(_, let result) = event { inertia = result.inertia }
    }
    let trial = try DEC(pretraining: nil, clustering: parameters)
      .fit(to: part, from: autoencoder, observers: [watch]).kept
    let refresh = TargetRefresh(
      of: documents.sample, through: trial.refined.autoencoder.encoder,
      centroids: trial.refined.centroids!)
    assignments = refresh.assignments
    iterations = trial.outcome.iterations
    logInertia = log(max(inertia, .leastNormalMagnitude))
    generalizability = Self.generalizability(
      refresh.losses(
        softFrequencies: trial.outcome.final.softFrequencies,
        exponent: parameters.frequencyExponent), index, of: subsamples, documents.sample)
    nmi = documents.labels.flatMap { labels in
      var table = Contingency(
        labels: labels, assignments: refresh.assignments, clusters: parameters.clusterCount,
        classes: Int(documents.sample.world.allReduce(labels.max() ?? -1, by: .maximum)) + 1)
      documents.sample.world.allReduce(&table.counts)
      return normalizedMutualInformation(table)
    }
  }

  /// L_train / L_validation, each a mean over documents; 1 where there is no loss at all.
  private static func generalizability(
    _ losses: [Double], _ index: Int, of subsamples: Subsamples, _ sample: TrainingData
  ) -> Double {
    // In whole numbers, whose sum does not depend on the number of ranks.
    let scale = FixedPoint.scale(terms: sample.samples, largest: 100, atMost: 40)
    var sums = [Int64](repeating: 0, count: 2)
    for (i, loss) in losses.enumerated() {
      let isTrained = subsamples.contains(sample.shard.range.lowerBound + i, in: index)
      sums[isTrained ? 0 : 1] += Int64((min(loss, 100) * scale).rounded())
    }
    sample.world.allReduce(&sums)
    let trained = Double(sums[0]) / Double(subsamples.size)
    let validation = Double(sums[1]) / Double(sample.samples - subsamples.size)
    return validation > 0 ? trained / validation : 1
  }
}
