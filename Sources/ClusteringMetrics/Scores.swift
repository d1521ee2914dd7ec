/// All scores of a clustering, as `dec evaluate` prints them.
public struct Scores: Encodable, Equatable, Sendable {
  /// The number of labelled samples.
  public var samples: Int64
  /// Clustering accuracy, Eq. 10; nil without labelled samples.
  public var acc: Double?
  /// Normalized mutual information; nil without labelled samples.
  public var nmi: Double?
  /// Adjusted Rand index; nil without labelled samples.
  public var ari: Double?
  /// The number of clusters.
  public var clusters: Int
  /// The number of classes.
  public var classes: Int
  /// The number of samples of each class in each cluster, `[clusters][classes]`.
  public var confusion: [[Int64]]
  /// The class of each cluster under the mapping of Eq. 10, -1 for none.
  public var mapping: [Int]

  public init(_ table: Contingency) {
    samples = table.samples
    acc = clusteringAccuracy(table)
    nmi = normalizedMutualInformation(table)
    ari = adjustedRandIndex(table)
    clusters = table.clusters
    classes = table.classes
    confusion = (0..<table.clusters).map { c in (0..<table.classes).map { table[c, $0] } }
    // Without labelled samples, no mapping is better than another.
    mapping = samples > 0 ? classMapping(table) : [Int](repeating: -1, count: table.clusters)
  }

  /// Scores assignments c_i against labels l_i; samples labelled -1 are left out.
  public init(labels: [Int32], assignments: [Int32]) {
    self.init(Contingency(labels: labels, assignments: assignments))
  }

  private enum CodingKeys: String, CodingKey {
    case samples, acc, nmi, ari, clusters, classes, confusion, mapping
  }

  /// Every key is present, with or without labels; a score that is nil is `null`.
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
