/// The memory that a spectral method takes, in bytes, beside the documents' own.
public struct SpectralMemory {
  /// n.
  public var samples: Int
  /// d.
  public var features: Int
  /// Elements of the documents' rows: n d, or fewer where they are sparse.
  public var entries: Int
  public var ranks: Int
  public var parameters: SpectralParameters
  /// SEC's μ; nil for LDMGI.
  public var mu: Double?

  public init(
    of data: SpectralData, _ parameters: SpectralParameters, mu: Double?
  ) {
    samples = data.samples
    features = data.features
    entries = data.all.entryCount
    ranks = data.world.size
    self.parameters = parameters
    self.mu = mu
  }

  /// Of each rank: candidates, the neighbours of all documents, the eigenvectors.
  public var bytesOfRank: Double {
    let n = Double(samples)
    return 8 * 21 * n / Double(ranks) + 12 * 10 * n + 8 * n * Double(parameters.clusterCount) * 2
      + 4 * 2048 * Double(features)
  }

  /// Of rank 0 in addition: the matrix and the iteration.
  public var bytesOfRoot: Double {
    let (n, d, k) = (Double(samples), Double(features), Double(parameters.neighbours))
    let c = parameters.clusterCount + 1
    let isDense = samples <= EigenProblem.denseLimit
    var bytes =
      isDense
      ? 3 * 8 * n * n : 8 * n * Double(Lanczos.basis(count: c, of: samples) + 3 * c)
    guard let mu else { return bytes + n * (16 * (k - 1) * (k + 1) + 20 * k * k) }
    bytes += 80 * n * k
    if mu > 0 { bytes += 12 * Double(entries) + 24 * min(d, n) * d }
    if mu > SEC.muOfInverse, !isDense { bytes += 24 * n * (min(d, n) + 1) }
    return bytes
  }
}
