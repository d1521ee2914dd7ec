import DeepClustering
import SpectralClustering

/// Settings of a baseline in `run.json`, under the names of its options, and what it found that no
/// other run has.
public struct BaselineRecord: Equatable, Sendable {
  /// "kmeans", "ldmgi" or "sec".
  public var method = ""
  /// The run whose embedding took the place of the documents; nil for the documents as they are.
  public var on: String?
  /// Which of its embeddings: "final" or "pretrained".
  public var stage: String?
  /// Tells one embedding from another.
  public var embeddingChecksum: String?
  public var clusters = 0
  public var seed = 0
  public var restarts = 20
  /// As `SpectralParameters.neighbours`; nil for k-means, as all that follow.
  public var neighbours: Int?
  public var lambda: Double?
  /// λ as it was used.
  public var lambdaInForce: Double?
  public var mu: Double?
  public var gamma: Double?
  public var weights: String?
  public var rows: String?
  public var discretization: String?
  /// The first of the eigenvectors that were used, from 1.
  public var firstEigenvector: Int?
  /// Connected components of the graph of neighbours.
  public var components: Int?
  /// Products with the matrix.
  public var products: Int?
  /// Σ ‖x − μ‖² of k-means.
  public var inertia: Double?

  public init() {}
}

extension BaselineRecord: KeyTable {
  public static var defaults: Self { Self() }

  public static var keys: [TableKey<Self>] {
    [
      TableKey("method", \.method), TableKey("on", optional: \.on),
      TableKey("stage", optional: \.stage),
      TableKey("embedding_checksum", optional: \.embeddingChecksum),
      TableKey("clusters", \.clusters), TableKey("seed", \.seed),
      TableKey("restarts", \.restarts), TableKey("neighbours", optional: \.neighbours),
      TableKey("lambda", optional: \.lambda),
      TableKey("lambda_in_force", optional: \.lambdaInForce), TableKey("mu", optional: \.mu),
      TableKey("gamma", optional: \.gamma), TableKey("weights", optional: \.weights),
      TableKey("rows", optional: \.rows), TableKey("discretization", optional: \.discretization),
      TableKey("first_eigenvector", optional: \.firstEigenvector),
      TableKey("components", optional: \.components), TableKey("products", optional: \.products),
      TableKey("inertia", optional: \.inertia),
    ]
  }
}

extension BaselineRecord {
  /// The settings of a spectral method.
  public init(method: String, _ parameters: SpectralParameters) {
    self.method = method
    clusters = parameters.clusterCount
    seed = parameters.seed
    restarts = parameters.restarts
    neighbours = parameters.neighbours
    rows = parameters.rows.rawValue
    discretization = parameters.discretization.rawValue
  }
}
