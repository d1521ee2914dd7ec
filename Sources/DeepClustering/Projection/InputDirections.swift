import ClusteringMetrics
import Collectives
import Datasets
import DenseMath

/// The documents' directions, by latent semantic analysis of the input at length 1: a third party
/// to embedding and clusters, which train each other. They are those of a sample.
struct InputDirections {
  /// u of this rank's documents of the sample, `[documents, dimensions]`.
  private let directions: Matrix
  /// The sample's documents, indices in the dataset.
  private let documents: [Int]
  /// Those on the ranks before, and on all ranks.
  private let before: Int
  private let samples: Int
  private let data: TrainingData

  /// Collective.
  init(of data: TrainingData) {
    documents = SampledRows(of: data).documents
    let analysis = LatentSemanticAnalysis(of: data, dimensions: 100)
    var directions = analysis.project(data.shard, documents: documents)
    var lengths: [Float] = []
    directions.normalizeRows(to: 1, lengths: &lengths)
    self.directions = directions
    let counts = data.world.allGather([Int64(documents.count)]).map { Int($0[0]) }
    before = counts[..<data.world.rank].reduce(0, +)
    samples = counts.reduce(0, +)
    self.data = data
  }

  /// How much of the directions clusters explain:
  ///
  ///     J = Σ_j ‖Σ_{i in j} u_i‖² / n_j / n
  ///
  /// J is 1 minus the mean squared distance to the cluster's mean: what k-means on such rows
  /// maximises. The same bits at every number of ranks. Collective.
  ///
  /// - Parameter assignments: Clusters of this rank's documents.
  func explainedShare(of assignments: [Int32], clusterCount k: Int) -> Double {
    let c = directions.columns
    // The clusters' sums on a grid on which they are exact, and after them their sizes.
    var sums = [Double](repeating: 0, count: k * (c + 1))
    let u = Rows(directions)
    for (i, document) in documents.enumerated() {
      let j = Int(assignments[document - data.shard.range.lowerBound])
      for l in 0..<c { sums[j * c + l] += (Double(u[i, l]) * 0x1p36).rounded() }
      sums[k * c + j] += 1
    }
    data.world.allReduce(&sums)
    var (total, samples) = (0.0, 0.0)
    for j in 0..<k where sums[k * c + j] > 0 {
      var square = 0.0
      for l in 0..<c { square += sums[j * c + l] * sums[j * c + l] }
      total += square * 0x1p-72 / sums[k * c + j]
      samples += sums[k * c + j]
    }
    return total / samples
  }

  /// The form of an autoencoder's code whose clusters agree best with those of the directions,
  /// both by k-means: two views of the same documents err in different ways, so that they agree
  /// where they are right. Collective.
  ///
  /// - Parameter k: Clusters; with more than the sample has documents, the unit code is the answer.
  func bestCode(of autoencoder: Autoencoder, clusterCount k: Int, seed: UInt64) throws -> CodeForm {
    guard k <= samples else { return .unit }
    var kMeans = KMeans(clusterCount: k)
    // One start finds another optimum than the next, and the difference between the forms may be
    // no larger. Many clusters, whose optima differ less, get fewer starts.
    kMeans.restarts = max(1, min(20, 10_000_000 / (samples * k)))
    kMeans.seed = seed
    func clusters(_ points: Matrix) throws -> [Int32] {
      try kMeans.fit(points, first: before, samples: samples, over: data.world).assignments
    }
    let reference = try clusters(directions)
    var rows = InputRows(columns: data.features, isSparse: data.isSparse)
    data.shard.gather(documents, into: &rows)
    let shard = Shard(memory: rows, range: before..<before + documents.count)
    func agreement(_ form: CodeForm) throws -> Double {
      var autoencoder = autoencoder
      autoencoder.setCode(form)
      var table = Contingency(
        labels: reference, assignments: try clusters(autoencoder.encoder.embed(shard)),
        clusters: k, classes: k)
      data.world.allReduce(&table.counts)
      return normalizedMutualInformation(table) ?? 0
    }
    return try agreement(.raw) > agreement(.unit) ? .raw : .unit
  }
}
