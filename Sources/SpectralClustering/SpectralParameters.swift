import DenseMath

/// Which rows k-means, or the rotation, sees.
public enum EmbeddingRows: String, Codable, CaseIterable, Sendable {
  /// Rows of length 1 (Ng, Jordan and Weiss 2002); rows of zeros stay.
  case unit
  /// Rows of the eigenvectors as they are.
  case raw
}

/// How clusters are read off the eigenvectors.
public enum Discretization: String, Codable, CaseIterable, Sendable {
  case kmeans
  /// Spectral rotation (Yu and Shi 2003).
  case rotation
}

/// What LDMGI and SEC have in common.
public struct SpectralParameters: Equatable, Sendable {
  /// c.
  public var clusterCount: Int
  /// k: for LDMGI the documents of a clique, the document itself among them; for SEC the neighbours
  /// of a document, without it.
  public var neighbours = 5
  public var seed = 0
  /// Starts of k-means, or of the rotation.
  public var restarts = 20
  public var rows = EmbeddingRows.unit
  public var discretization = Discretization.kmeans
  /// The first of the c eigenvectors that are used, from 1; nil for 2, which leaves out the
  /// constant one, where the graph of neighbours is connected, and 1 where it is not.
  public var firstEigenvector: Int?

  public init(clusterCount: Int) { self.clusterCount = clusterCount }
}

/// What a spectral method found.
public struct SpectralResult: Sendable {
  /// The smallest c + 1 eigenvalues, ascending; fewer of fewer documents.
  public var eigenvalues: [Double]
  /// The first of the eigenvectors in `embedding`, from 1.
  public var firstEigenvector: Int
  /// This rank's rows of the eigenvectors used, `[documents, c]`, of unit columns over all ranks.
  public var embedding: Matrix
  /// The clusters of this rank's documents.
  public var assignments: [Int32]
  /// Documents of each cluster, over all ranks.
  public var clusterSizes: [Int]
  /// Connected components of the graph of neighbours.
  public var componentCount: Int
  /// Products with the matrix that ARPACK took; 0 where LAPACK found the eigenvectors.
  public var products: Int
  /// λ or μ as it was used: LDMGI raises a λ too small for the iteration (trap T1).
  public var settingInForce: Double
  /// Seconds of the eigenvectors, and of the clusters.
  public var seconds: (eigenvectors: Double, clusters: Double)
}
