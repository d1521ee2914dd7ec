import DenseMath

/// What a person would try first, to see what the network gains: k-means on the documents as they
/// are, and on the directions that latent semantic analysis gives them.
public struct Baselines {
  public var clusterCount: Int
  public var seed: UInt64 = 0
  /// Starts of k-means: fewer than the method's own, since these only inform.
  public var restarts = 5
  /// Axes of the analysis.
  public var dimensions = 50

  public init(clusterCount: Int) { self.clusterCount = clusterCount }

  private var kMeans: KMeans {
    var kMeans = KMeans(clusterCount: clusterCount)
    kMeans.restarts = restarts
    kMeans.seed = seed
    return kMeans
  }

  /// Clusters of this rank's documents by k-means on the documents of all ranks. Collective.
  public func clustersOfInput(_ data: TrainingData) throws -> [Int32] {
    try kMeans.fit(data).assignments
  }

  /// Clusters of this rank's documents by latent semantic analysis, rows of length 1, k-means.
  /// Collective.
  public func clustersOfDirections(_ data: TrainingData) throws -> [Int32] {
    var directions = LatentSemanticAnalysis(of: data, dimensions: dimensions, seed: seed)
      .project(data.shard)
    var lengths: [Float] = []
    directions.normalizeRows(to: 1, lengths: &lengths)
    return try clusters(of: directions, data)
  }

  private func clusters(of points: Matrix, _ data: TrainingData) throws -> [Int32] {
    try kMeans.fit(
      points, first: data.shard.range.lowerBound, samples: data.samples, over: data.world
    ).assignments
  }
}
