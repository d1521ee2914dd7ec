import DenseMath
import Glibc

/// The joint probabilities of neighbours that t-SNE preserves:
///
///     p_j|i = exp(−β_i ‖x_i − x_j‖²) / Σ_l≠i exp(−β_i ‖x_i − x_l‖²),   p_ij = (p_j|i + p_i|j) / 2n
///
/// with β_i such that the entropy of p_·|i is the logarithm of the perplexity.
enum NeighbourProbabilities {
  /// p, `[n, width]`, symmetric; its sum is 1, and columns from n on are 0.
  ///
  /// - Parameters:
  ///   - x: Points, `[n, dimensions]`.
  ///   - perplexity: The effective number of neighbours of a point, below n.
  ///   - width: The columns of the result, at least n.
  static func joint(of x: Matrix, perplexity: Double, width: Int) -> Matrix {
    let n = x.rows
    var conditional = Matrix(rows: n, columns: n)
    let points = Rows(x)
    conditional.withMutableRows { p in
      Threads.split(n, grain: 16) { part in
        var distances = [Double](repeating: 0, count: n)
        for i in part {
          for j in 0..<n { distances[j] = squaredDistance(points[i], points[j], x.columns) }
          let row = conditionals(distances, of: i, entropy: log(perplexity))
          for j in 0..<n { p[i, j] = Float(row[j]) }
        }
      }
    }
    var joint = Matrix(rows: n, columns: width)
    let p = Rows(conditional)
    joint.withMutableRows { joint in
      for i in p.indices {
        for j in p.indices { joint[i, j] = (p[i, j] + p[j, i]) / Float(2 * n) }
      }
    }
    return joint
  }

  /// p_·|i, by bisection of β_i.
  ///
  /// - Parameters:
  ///   - distances: ‖x_i − x_j‖² for every j.
  ///   - target: The entropy that is sought, in nats.
  static func conditionals(_ distances: [Double], of i: Int, entropy target: Double) -> [Double] {
    // Neither the nearest distance nor the unit of length matters.
    let others = distances.indices.filter { $0 != i }
    let nearest = others.reduce(.infinity) { min($0, distances[$1]) }
    let mean = others.reduce(0) { $0 + distances[$1] - nearest } / Double(max(1, others.count))
    var p = [Double](repeating: 0, count: distances.count)
    var (low, high, beta) = (0.0, Double.infinity, mean > 0 ? 1 / mean : 1)
    for _ in 0..<100 {
      var (sum, weighted) = (0.0, 0.0)
      for j in others {
        let distance = distances[j] - nearest
        p[j] = exp(-beta * distance)
        sum += p[j]
        weighted += p[j] * distance
      }
      for j in others { p[j] /= sum }
      let entropy = log(sum) + beta * weighted / sum
      if abs(entropy - target) < 1e-5 { break }
      if entropy > target { low = beta } else { high = beta }
      beta = high.isInfinite ? 2 * beta : (low + high) / 2
    }
    return p
  }

  private static func squaredDistance(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int
  ) -> Double {
    var sum = 0.0
    for c in 0..<count {
      let difference = Double(a[c]) - Double(b[c])
      sum += difference * difference
    }
    return sum
  }
}
