import COpenBLAS
import Collectives
import DenseMath

/// Spectral rotation (Yu and Shi 2003): the rotation R of the embedding Y `[samples, c]` that
/// brings its rows nearest to rows of the identity; the largest coordinate of Y R is the cluster.
///
/// An empty cluster is possible.
public struct SpectralRotation {
  /// Starts from different rows; the largest objective wins.
  public var restarts = 20
  public var seed: UInt64 = 0
  /// Rounds of a start.
  public var maxRounds = 200

  public init() {}

  /// The clusters of all documents. Collective: the ranks share the starts.
  ///
  /// - Parameter y: Rows of unit length, `[samples, c]`, the same on every rank.
  public func clusters(of y: Matrix, over world: any Communicator) -> [Int32] {
    var objectives = [Double](repeating: -1, count: restarts)
    var best: (number: Int, clusters: [Int32])?
    for number in share(of: restarts, part: world.rank, of: world.size) {
      let (clusters, objective) = start(number, y)
      objectives[number] = objective
      if best.map({ objective > objectives[$0.number] }) ?? true { best = (number, clusters) }
    }
    world.allReduce(&objectives, by: .maximum)
    let number = objectives.firstIndex(of: objectives.max()!)!
    let owner = (0..<world.size).first {
      share(of: restarts, part: $0, of: world.size).contains(number)
    }!
    var clusters = world.rank == owner ? best!.clusters : []
    world.broadcast(&clusters, from: owner)
    return clusters
  }

  /// One start: clusters and the sum of the singular values of Eᵀ Y.
  private func start(_ number: Int, _ y: Matrix) -> (clusters: [Int32], objective: Double) {
    let c = y.columns
    var rotation = firstRotation(number, y)
    var (clusters, last) = ([Int32](repeating: 0, count: y.rows), 0.0)
    for _ in 0..<maxRounds {
      clusters = Self.nearest(y, rotation)
      // P = Eᵀ Y = U S Vᵀ, R = V Uᵀ.
      var p = [Double](repeating: 0, count: c * c)
      let rows = Rows(y)
      for i in rows.indices {
        for l in 0..<c { p[Int(clusters[i]) * c + l] += Double(rows[i, l]) }
      }
      let (objective, r) = Self.polar(p, c)
      rotation = r
      if abs(objective - last) < 1e-9 * objective { return (clusters, objective) }
      last = objective
    }
    return (clusters, last)
  }

  /// Rows of Y as columns, each as far as possible from those before: `[c, c]`.
  private func firstRotation(_ number: Int, _ y: Matrix) -> [Double] {
    let (c, rows) = (y.columns, Rows(y))
    var random = RandomStream(seed: seed, .spectral, 1, number)
    var rotation = [Double](repeating: 0, count: c * c)
    var along = [Double](repeating: 0, count: y.rows)
    var chosen = Int(random.integer(below: Int64(y.rows)))
    for j in 0..<c {
      for l in 0..<c { rotation[l * c + j] = Double(rows[chosen, l]) }
      guard j < c - 1 else { break }
      let column = (0..<c).map { rotation[$0 * c + j] }
      var least = Double.infinity
      for i in rows.indices {
        var product = 0.0
        for l in 0..<c { product += Double(rows[i, l]) * column[l] }
        along[i] += abs(product)
        if along[i] < least { (least, chosen) = (along[i], i) }
      }
    }
    return rotation
  }

  /// argmax_j (Y R)_ij, the first of equals.
  private static func nearest(_ y: Matrix, _ rotation: [Double]) -> [Int32] {
    let (c, rows) = (y.columns, Rows(y))
    var clusters = [Int32](repeating: 0, count: y.rows)
    clusters.withUnsafeMutableBufferPointer { clusters in
      nonisolated(unsafe) let clusters = clusters
      Threads.split(rows.count, grain: 1024) { part in
        var along = [Double](repeating: 0, count: c)
        for i in part {
          for j in 0..<c { along[j] = 0 }
          for l in 0..<c {
            let value = Double(rows[i, l])
            for j in 0..<c { along[j] += value * rotation[l * c + j] }
          }
          var best = 0
          for j in 1..<max(1, c) where along[j] > along[best] { best = j }
          clusters[i] = Int32(best)
        }
      }
    }
    return clusters
  }

  /// Of P = U S Vᵀ, the sum of S and V Uᵀ, `[c, c]`.
  private static func polar(_ p: [Double], _ c: Int) -> (sum: Double, rotation: [Double]) {
    // LAPACK sees Pᵀ = V S Uᵀ, and returns the columns of V, and of Uᵀ, one behind the other.
    var (a, size, status) = (p, Int32(c), Int32(0))
    var s = [Double](repeating: 0, count: c)
    var v = [Double](repeating: 0, count: c * c)
    var ut = v
    var work = [Double](repeating: 0, count: 64 * c + 64)
    var workCount = Int32(work.count)
    dgesvd_(
      "A", "A", &size, &size, &a, &size, &s, &v, &size, &ut, &size, &work, &workCount, &status, 1,
      1)
    precondition(status == 0, "dgesvd: \(status)")
    var rotation = [Double](repeating: 0, count: c * c)
    for l in 0..<c {
      for j in 0..<c {
        // (V Uᵀ)_lj, with V_le = v[e c + l], (Uᵀ)_ej = ut[j c + e].
        var sum = 0.0
        for e in 0..<c { sum += v[e * c + l] * ut[j * c + e] }
        rotation[l * c + j] = sum
      }
    }
    return (s.reduce(0, +), rotation)
  }
}
