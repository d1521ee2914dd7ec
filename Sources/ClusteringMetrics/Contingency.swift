/// How many samples each cluster shares with each class: all that the scores need to know.
///
/// Tables add up, so the ranks of a job each count their own samples, all-reduce `packed` and score
/// the sum.
public struct Contingency: Equatable, Sendable {
  /// Rows: clusters, numbered from 0. Some may be empty.
  public let clusters: Int
  /// Columns: classes, numbered from 0. Some may be empty.
  public let classes: Int
  /// Samples of cluster c and class l at `c * classes + l`.
  public let counts: [Int]

  /// Counts samples; those labelled below 0 have no class and are left out.
  ///
  /// - Parameters:
  ///   - labels: l_i, the true classes.
  ///   - assignments: c_i, the clusters; not below 0 where the sample has a class.
  ///   - clusters: k; nil for one more than the largest assignment, of labelled samples or not.
  ///   - classes: Nil for one more than the largest label.
  public init(
    labels: [Int32], assignments: [Int32], clusters: Int? = nil, classes: Int? = nil
  ) {
    precondition(
      labels.count == assignments.count,
      "\(labels.count) labels for \(assignments.count) assignments")
    let clusters = clusters ?? max(0, Int(assignments.max() ?? -1) + 1)
    let classes = classes ?? max(0, Int(labels.max() ?? -1) + 1)
    var counts = [Int](repeating: 0, count: clusters * classes)
    for (label, cluster) in zip(labels, assignments) where label >= 0 {
      precondition(Int(label) < classes, "label \(label) of \(classes) classes")
      precondition(
        cluster >= 0 && Int(cluster) < clusters, "assignment \(cluster) of \(clusters) clusters")
      counts[Int(cluster) * classes + Int(label)] += 1
    }
    (self.clusters, self.classes, self.counts) = (clusters, classes, counts)
  }

  /// The table whose rows lie one after the other in `packed`.
  public init(packed: [Int64], clusters: Int, classes: Int) {
    precondition(
      packed.count == clusters * classes,
      "\(packed.count) counts for \(clusters) clusters and \(classes) classes")
    precondition(packed.allSatisfy { $0 >= 0 }, "a negative count")
    (self.clusters, self.classes) = (clusters, classes)
    counts = packed.map { Int($0) }
  }

  /// `counts` as they travel between ranks.
  public var packed: [Int64] { counts.map { Int64($0) } }

  /// Samples counted, n.
  public var samples: Int { counts.reduce(0, +) }

  public subscript(cluster: Int, label: Int) -> Int { counts[cluster * classes + label] }

  /// Samples in each cluster, the row sums.
  public var clusterSizes: [Int] {
    (0..<clusters).map { counts[$0 * classes..<($0 + 1) * classes].reduce(0, +) }
  }

  /// Samples of each class, the column sums.
  public var classSizes: [Int] {
    counts.indices.reduce(into: [Int](repeating: 0, count: classes)) {
      $0[$1 % classes] += counts[$1]
    }
  }

  /// The rows, one array a cluster.
  public var confusion: [[Int]] {
    (0..<clusters).map { Array(counts[$0 * classes..<($0 + 1) * classes]) }
  }
}
