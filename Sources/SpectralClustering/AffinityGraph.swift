import DenseMath
import Glibc

/// How SEC weighs the edge between a document and its neighbour.
public enum EdgeWeight: String, Codable, CaseIterable, Sendable {
  /// exp(−‖x_i − x_j‖² / (s_i s_j)), s_i the distance to the 7th neighbour (Zelnik-Manor and Perona
  /// 2004).
  case selfTuned = "self-tuned"
  /// 1.
  case binary
  /// exp(−‖x_i − x_j‖² / (2 s²)), s the mean distance over all pairs of neighbours.
  case gaussian
}

/// The graph of neighbours, A = max(A, Aᵀ), and its normalised Laplacian.
struct AffinityGraph {
  /// D^−1/2 A D^−1/2.
  let normalized: SymmetricMatrix
  /// D: the sums of rows of A.
  let degrees: [Double]

  /// The neighbour whose distance is the scale of a document.
  static let scaleNeighbour = 7
  /// Of an edge, so that no document is without one.
  private static let leastWeight = 1e-12

  /// - Parameters:
  ///   - neighbours: Of all documents.
  ///   - count: k, of which each document gets edges.
  init(_ neighbours: Neighbours, count k: Int, _ weight: EdgeWeight) {
    let n = neighbours.samples
    let scale = Self.scale(neighbours, k, weight)
    func weigh(_ i: Int, _ j: Int, _ square: Double) -> Double {
      weight == .binary || square == 0 ? 1 : max(Self.leastWeight, exp(-square / scale(i, j)))
    }
    // Edges from others, one list behind the other.
    var starts = [Int](repeating: 0, count: n + 1)
    for i in 0..<n { for p in 0..<k { starts[neighbours.index(i, p) + 1] += 1 } }
    for i in 0..<n { starts[i + 1] += starts[i] }
    var (sources, places, next) = (
      [Int32](repeating: 0, count: n * k), [Int32](repeating: 0, count: n * k), starts
    )
    for i in 0..<n {
      for p in 0..<k {
        let j = neighbours.index(i, p)
        (sources[next[j]], places[next[j]]) = (Int32(i), Int32(p))
        next[j] += 1
      }
    }
    let a = SymmetricMatrix(count: n, combine: max) { i, entries in
      for p in 0..<k {
        let j = neighbours.index(i, p)
        entries.append(
          (Int32(j), weigh(i, j, neighbours.squaredDistances[i * neighbours.count + p])))
      }
      for e in starts[i]..<starts[i + 1] {
        let (j, p) = (Int(sources[e]), Int(places[e]))
        entries.append(
          (Int32(j), weigh(i, j, neighbours.squaredDistances[j * neighbours.count + p])))
      }
    }
    let degrees = (0..<n).map { i in
      a.values[a.rowStarts[i]..<a.rowStarts[i + 1]].reduce(0, +)
    }
    let roots = degrees.map { $0.squareRoot() }
    var normalized = a
    for i in 0..<n {
      for e in a.rowStarts[i]..<a.rowStarts[i + 1] {
        normalized.values[e] /= roots[i] * roots[Int(a.columns[e])]
      }
    }
    (self.normalized, self.degrees) = (normalized, degrees)
  }

  /// What squared distances are divided by.
  private static func scale(
    _ neighbours: Neighbours, _ k: Int, _ weight: EdgeWeight
  ) -> (Int, Int) -> Double {
    let (n, m) = (neighbours.samples, neighbours.count)
    switch weight {
    case .binary: return { _, _ in 1 }
    case .gaussian:
      var sum = 0.0
      for i in 0..<n {
        for p in 0..<k { sum += neighbours.squaredDistances[i * m + p].squareRoot() }
      }
      let mean = sum / Double(n * k)
      return { _, _ in mean > 0 ? 2 * mean * mean : 1 }
    case .selfTuned:
      let place = min(scaleNeighbour, m) - 1
      let scales = (0..<n).map { neighbours.squaredDistances[$0 * m + place].squareRoot() }
      // Of seven duplicates the distance is 0.
      let median = scales.sorted()[n / 2]
      let least = max(1e-6 * median * median, .leastNormalMagnitude)
      return { max(scales[$0] * scales[$1], least) }
    }
  }
}
