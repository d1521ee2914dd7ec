/// What `dec evaluate` prints: the scores of a clustering against the true classes.
public struct Scores: Equatable, Sendable, Encodable {
  /// Labelled samples, which the scores are over.
  public let samples: Int
  /// Eq. 10; nil where no sample is labelled, as are NMI and ARI.
  public let acc: Double?
  /// With the arithmetic mean of the entropies.
  public let nmi: Double?
  /// Hubert and Arabie's.
  public let ari: Double?
  /// Clusters, k, whether or not labelled samples are in them.
  public let clusters: Int
  public let classes: Int
  /// Samples of cluster c and class l at `confusion[c][l]`.
  public let confusion: [[Int]]
  /// The class of each cluster under Eq. 10's mapping, -1 for none.
  public let mapping: [Int]

  /// Scores a table, such as the sum of those of all ranks.
  public init(_ table: Contingency) {
    samples = table.samples
    acc = samples > 0 ? clusteringAccuracy(table) : nil
    nmi = samples > 0 ? normalizedMutualInformation(table) : nil
    ari = samples > 0 ? adjustedRandIndex(table) : nil
    clusters = table.clusters
    classes = table.classes
    confusion = table.confusion
    mapping =
      samples > 0 ? bestMapping(table) : [Int](repeating: -1, count: table.clusters)
  }

  /// Scores assignments c_i against labels l_i; samples labelled -1 are left out.
  public init(
    labels: [Int32], assignments: [Int32], clusters: Int? = nil, classes: Int? = nil
  ) {
    self.init(
      Contingency(labels: labels, assignments: assignments, clusters: clusters, classes: classes))
  }

  private enum CodingKeys: String, CodingKey {
    case samples, acc, nmi, ari, clusters, classes, confusion, mapping
  }

  /// Every key is there whatever the labels; a score that is nil is `null`.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(samples, forKey: .samples)
    try values.encode(acc, forKey: .acc)
    try values.encode(nmi, forKey: .nmi)
    try values.encode(ari, forKey: .ari)
    try values.encode(clusters, forKey: .clusters)
    try values.encode(classes, forKey: .classes)
    try values.encode(confusion, forKey: .confusion)
    try values.encode(mapping, forKey: .mapping)
  }
}
