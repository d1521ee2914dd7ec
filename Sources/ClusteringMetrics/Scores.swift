/// All scores of a clustering, as `dec evaluate` prints them.
public struct Scores: Encodable, Equatable, Sendable {
  /// Labelled samples.
  public var samples: Int64
  /// Eq. 10; nil without labels, as the others.
  public var acc: Double?
  public var nmi: Double?
  public var ari: Double?
  public var clusters: Int
  public var classes: Int
  /// Samples of each class in each cluster, `[clusters][classes]`.
  public var confusion: [[Int64]]
  /// The class of each cluster, -1 for none.
  public var mapping: [Int]

  public init(_ table: Contingency) {
    samples = table.samples
    acc = clusteringAccuracy(table)
    nmi = normalizedMutualInformation(table)
    ari = adjustedRandIndex(table)
    clusters = table.clusters
    classes = table.classes
    confusion = (0..<table.clusters).map { c in (0..<table.classes).map { table[c, $0] } }
    mapping = classMapping(table)
  }
}
