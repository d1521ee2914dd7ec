import Charts

/// The tree of the clusters, and how near they are to each other.
extension Report {
  /// The most clusters of which a tree can be read.
  private static let mostLeaves = 200

  var similaritySection: PageSection? {
    guard let clusters, !clusters.means.isEmpty else { return nil }
    let present = clusters.sizes.indices.filter { clusters.sizes[$0] > 0 }
    guard (2...Self.mostLeaves).contains(present.count) else { return nil }
    let means = present.map { clusters.means[$0] }
    guard means.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { return nil }
    let tree = WardTree(means)
    let distances = means.map { a in
      means.map { b in
        zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
      }
    }
    let furthest = max(distances.joined().max() ?? 0, 1e-300)
    let similarities = tree.order.map { i in
      tree.order.map { 1 - distances[i][$0] / furthest }
    }
    let dendrogram = Dendrogram(
      merges: tree.merges.map { ($0.first, $0.second, $0.height) }, order: tree.order,
      leaves: present.map { ($0, Self.shortened(numbered($0), to: 44)) })
    let map = HeatMap(
      title: "Similarity of the clusters", values: similarities,
      names: tree.order.map { String(present[$0]) })
    return PageSection(
      "Which clusters are near each other", id: "similarity",
      [
        HTML.note(
          "The tree joins clusters whose means in the embedding are near (Ward’s method): branches that "
            + "meet far to the right are alike, and may be parts of one topic. In the square, the "
            + "darker a cell, the nearer the two clusters; white is the largest distance of all. Rows "
            + "and columns are in the order of the tree."),
        HTML.figures([dendrogram.svg, map.svg], "large"),
      ])
  }

  static func shortened(_ text: String, to length: Int) -> String {
    text.count > length ? text.prefix(length - 1) + "…" : text
  }
}
