/// The tree of clusters by Ward's method: the two groups whose union adds least to the sum of
/// squares are joined, again and again (Ward, 1963). Heights are those of scipy's
/// `linkage(centroids, "ward")`.
struct WardTree {
  /// Two groups that become one.
  struct Merge: Equatable {
    /// The groups: i < k is the point i, k + m the group that merge m made.
    var first: Int
    var second: Int
    var height: Double
  }

  /// In the order of their heights; one fewer than points.
  let merges: [Merge]
  /// The points from one end of the tree to the other, so that branches do not cross.
  let order: [Int]

  /// - Parameter points: `[count][dimension]`, such as the means of clusters.
  init(_ points: [[Double]]) {
    let k = points.count
    var square = (0..<2 * k).map { _ in [Double](repeating: 0, count: 2 * k) }
    for i in 0..<k {
      for j in 0..<k {
        square[i][j] = zip(points[i], points[j]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      }
    }
    var sizes = [Double](repeating: 1, count: 2 * k)
    var groups = Array(0..<k)
    var merges: [Merge] = []
    while groups.count > 1 {
      let (first, second) = Self.closest(groups, square)
      let new = k + merges.count
      let height = square[first][second]
      groups.removeAll { $0 == first || $0 == second }
      sizes[new] = sizes[first] + sizes[second]
      for other in groups {  // Lance and Williams' update.
        let sum = sizes[new] + sizes[other]
        let joined =
          ((sizes[first] + sizes[other]) * square[first][other]
            + (sizes[second] + sizes[other]) * square[second][other]
            - sizes[other] * height) / sum
        (square[new][other], square[other][new]) = (joined, joined)
      }
      groups.append(new)
      merges.append(Merge(first: first, second: second, height: max(0, height).squareRoot()))
    }
    self.merges = merges
    order = Self.leaves(of: k + merges.count - 1, k, merges)
  }

  private static func closest(_ groups: [Int], _ square: [[Double]]) -> (Int, Int) {
    var best = (groups[0], groups[1])
    for (a, i) in groups.enumerated() {
      for j in groups[..<a] where square[j][i] < square[best.0][best.1] { best = (j, i) }
    }
    return best
  }

  private static func leaves(of group: Int, _ k: Int, _ merges: [Merge]) -> [Int] {
    if group < k { return group < 0 ? [] : [group] }
    let merge = merges[group - k]
    return leaves(of: merge.first, k, merges) + leaves(of: merge.second, k, merges)
  }
}
