/// How many samples of each class fell into each cluster. Samples labelled -1 are left out.
public struct Contingency: Equatable, Sendable {
  /// The number of clusters, the rows of the table.
  public let clusters: Int
  /// The number of classes, the columns of the table.
  public let classes: Int
  /// `[clusters, classes]` in row order. The table of several sets of samples is the sum of theirs.
  public var counts: [Int64]

  /// A table of zeros.
  public init(clusters: Int, classes: Int) {
    self.clusters = clusters
    self.classes = classes
    counts = [Int64](repeating: 0, count: clusters * classes)
  }

  /// Counts samples by assignment and label. Both arrays have the same length; assignments are
  /// below `clusters`, labels below `classes`.
  public init(labels: [Int32], assignments: [Int32], clusters: Int, classes: Int) {
    precondition(
      labels.count == assignments.count,
      "\(labels.count) labels for \(assignments.count) assignments")
    self.init(clusters: clusters, classes: classes)
    for (label, assignment) in zip(labels, assignments) where label >= 0 {
      // A label past the last class would be counted in the next row.
      precondition(Int(label) < classes, "label \(label) of \(classes) classes")
      precondition(
        assignment >= 0 && Int(assignment) < clusters,
        "assignment \(assignment) of \(clusters) clusters")
      counts[Int(assignment) * classes + Int(label)] += 1
    }
  }

  /// Counts samples in a table of the assignments and labels that occur. Both are names: a row is a
  /// distinct assignment and a column a distinct label, in ascending order.
  public init(labels: [Int32], assignments: [Int32]) {
    let classes = Self.numbered(labels.filter { $0 >= 0 })
    let clusters = Self.numbered(assignments)
    self.init(
      labels: labels.map { $0 < 0 ? -1 : classes[$0]! },
      assignments: assignments.map { clusters[$0]! },
      clusters: clusters.count, classes: classes.count)
  }

  /// The number of each distinct id, in ascending order.
  private static func numbered(_ ids: [Int32]) -> [Int32: Int32] {
    let sorted = Set(ids).sorted()
    return Dictionary(uniqueKeysWithValues: zip(sorted, sorted.indices.map { Int32($0) }))
  }

  public subscript(cluster: Int, class: Int) -> Int64 { counts[cluster * classes + `class`] }

  /// The number of labelled samples.
  public var samples: Int64 { counts.reduce(0, +) }

  /// The number of labelled samples in each cluster.
  var clusterSizes: [Int64] {
    (0..<clusters).map { c in (0..<classes).reduce(0) { $0 + self[c, $1] } }
  }

  /// The number of samples in each class.
  var classSizes: [Int64] {
    (0..<classes).map { l in (0..<clusters).reduce(0) { $0 + self[$1, l] } }
  }
}
