import DenseMath

/// What an assignment of documents sums to, for several sets of centroids: coordinates and counts
/// of each cluster, and the inertia, in `ExactUnits`. The sums of ranks and threads add up element
/// by element.
public struct ClusterSums: Sendable {
  let clusterCount: Int
  let dimension: Int
  /// All numbers, to be summed over the ranks in one message: of each set the coordinates
  /// `[clusters, dimension]`, the counts `[clusters]`, the inertia.
  var packed: [Int64]

  init(sets: Int, clusterCount: Int, dimension: Int) {
    self.clusterCount = clusterCount
    self.dimension = dimension
    packed = [Int64](repeating: 0, count: sets * (clusterCount * (dimension + 1) + 1))
  }

  /// Numbers of a set.
  var width: Int { clusterCount * (dimension + 1) + 1 }

  func count(_ set: Int, _ cluster: Int) -> Int64 {
    packed[set * width + clusterCount * dimension + cluster]
  }

  func counts(_ set: Int) -> [Int64] { (0..<clusterCount).map { count(set, $0) } }

  func inertia(_ set: Int) -> Int64 { packed[(set + 1) * width - 1] }

  /// The centroids that the sums stand for; zeros where a cluster is empty.
  func means(_ set: Int, _ units: ExactUnits) -> Matrix {
    var mu = Matrix(rows: clusterCount, columns: dimension)
    for j in 0..<clusterCount where count(set, j) > 0 {
      for l in 0..<dimension {
        let sum = Double(packed[set * width + j * dimension + l]) / units.coordinate
        mu[j, l] = Float(sum / Double(count(set, j)))
      }
    }
    return mu
  }

  /// Moves one document, by its coordinates, to a cluster that has none.
  mutating func move(_ document: ArraySlice<Int64>, _ set: Int, from old: Int, toEmpty new: Int) {
    let base = set * width
    for (l, x) in document.enumerated() {
      packed[base + old * dimension + l] -= x
      packed[base + new * dimension + l] = x
    }
    packed[base + clusterCount * dimension + old] -= 1
    packed[base + clusterCount * dimension + new] = 1
  }

  /// Adds the sums of other documents.
  mutating func add(_ other: ClusterSums) {
    for e in packed.indices { packed[e] += other.packed[e] }
  }

  /// Sums what `body` adds on each of `parts` threads.
  ///
  /// - Parameter body: Gets the thread's number and its sums, `packed`.
  static func onThreads(
    _ parts: Int, _ zeros: ClusterSums,
    _ body: (_ part: Int, _ sums: UnsafeMutablePointer<Int64>) -> Void
  ) -> ClusterSums {
    var sums = [ClusterSums](repeating: zeros, count: parts)
    sums.withUnsafeMutableBufferPointer { sums in
      nonisolated(unsafe) let sums = sums
      Threads.forEachAlone(parts) { part in
        sums[part].packed.withUnsafeMutableBufferPointer { body(part, $0.baseAddress!) }
      }
    }
    return sums.dropFirst().reduce(into: sums[0]) { $0.add($1) }
  }
}

/// The centroids of several sets as one matrix, so that one product of a tile of documents finds
/// the nearest of each set.
///
/// ‖x − μ‖² is expanded to ‖x‖² − 2 x·μ + ‖μ‖²; the search does without ‖x‖².
struct CentroidSets: Sendable {
  /// `[sets · clusters, dimension]`.
  let mu: Matrix
  let setCount: Int
  let clusterCount: Int
  /// ‖μ‖² / 2, a row.
  private let half: Rows

  init(_ sets: [Matrix]) {
    setCount = sets.count
    clusterCount = sets[0].rows
    let mu = Matrix(
      rows: setCount * clusterCount, columns: sets[0].columns, elements: sets.flatMap(\.elements))
    let half = (0..<mu.rows).map { j in mu.row(j).reduce(Float(0)) { $0 + $1 * $1 } / 2 }
    self.mu = mu
    self.half = Rows(Matrix(rows: 1, columns: mu.rows, elements: half))
  }

  /// The nearest centroid of a set, the first of equals, and its squared distance.
  ///
  /// - Parameters:
  ///   - products: x·μ, one for each row of `mu`.
  ///   - square: ‖x‖².
  @inline(__always)
  func nearest(
    in set: Int, products: UnsafePointer<Float>, square: Float
  ) -> (cluster: Int, distance: Float) {
    let half = half[0]
    let range = set * clusterCount..<(set + 1) * clusterCount
    var best = range.lowerBound
    var least = half[best] - products[best]
    for j in range {
      let score = half[j] - products[j]
      if score < least { (best, least) = (j, score) }
    }
    return (best - range.lowerBound, max(0, square + 2 * least))
  }
}
