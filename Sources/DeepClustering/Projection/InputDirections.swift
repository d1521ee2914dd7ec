import Collectives
import DenseMath

/// How much of the documents' directions clusters explain, seen from the input and not from the
/// code: a third party to embedding and clusters, which train each other.
///
///     J = Σ_j ‖Σ_{i in j} u_i‖² / n_j / n
///
/// where u_i is document i by latent semantic analysis, at length 1. J is 1 minus the mean squared
/// distance to the cluster's mean: what k-means on such rows maximises.
struct ExplainedShare {
  /// u of this rank's documents of a sample, `[documents, dimensions]`.
  private let directions: Matrix
  /// The sample's documents, counted from the first of the shard.
  private let documents: [Int]
  private let world: any Communicator

  /// Collective.
  init(of data: TrainingData) {
    let sample = SampledRows(of: data).documents
    let analysis = LatentSemanticAnalysis(of: data, dimensions: 100)
    var directions = analysis.project(data.shard, documents: sample)
    var lengths: [Float] = []
    directions.normalizeRows(to: 1, lengths: &lengths)
    self.directions = directions
    documents = sample.map { $0 - data.shard.range.lowerBound }
    world = data.world
  }

  /// J of clusters of this rank's documents and all others'; the same bits at every number of
  /// ranks. Collective.
  func of(_ assignments: [Int32], clusterCount k: Int) -> Double {
    let c = directions.columns
    // The clusters' sums on a grid on which they are exact, and after them their sizes.
    var sums = [Double](repeating: 0, count: k * (c + 1))
    let u = Rows(directions)
    for (i, document) in documents.enumerated() {
      let j = Int(assignments[document])
      for l in 0..<c { sums[j * c + l] += (Double(u[i, l]) * 0x1p36).rounded() }
      sums[k * c + j] += 1
    }
    world.allReduce(&sums)
    var (total, samples) = (0.0, 0.0)
    for j in 0..<k where sums[k * c + j] > 0 {
      var square = 0.0
      for l in 0..<c { square += sums[j * c + l] * sums[j * c + l] }
      total += square * 0x1p-72 / sums[k * c + j]
      samples += sums[k * c + j]
    }
    return total / samples
  }
}
