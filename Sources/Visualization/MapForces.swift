import DenseMath
import Glibc

/// The gradient of KL(P‖Q) with respect to the points of a map:
///
///     ∂/∂y_i = 4 Σ_j (p_ij − q_ij) w_ij (y_i − y_j)
///
/// Each row's sum is taken by one thread, in eight lanes: the bits do not depend on the threads.
struct MapForces {
  private(set) var x: [Float]
  private(set) var y: [Float]

  private typealias Lanes = SIMD8<Float>

  /// The number of columns of P for n points: a multiple of the lanes.
  static func width(of n: Int) -> Int {
    (n + Lanes.scalarCount - 1) / Lanes.scalarCount * Lanes.scalarCount
  }

  /// - Parameters:
  ///   - x: First coordinates of the points.
  ///   - y: Second coordinates.
  ///   - p: Joint probabilities, `[n, width]`.
  ///   - exaggeration: What p is multiplied by.
  init(of x: [Float], _ y: [Float], _ p: Matrix, exaggeration: Double) {
    let n = x.count
    // Attraction and repulsion along both axes, and Σ_j w_ij, of each point.
    var sums = Matrix(rows: n, columns: 5)
    let (xs, ys) = (Self.lanes(x), Self.lanes(y))
    let probabilities = Rows(p)
    sums.withMutableRows { sums in
      Threads.split(n, grain: 64) { part in
        for i in part { Self.sum(i, x[i], y[i], xs, ys, probabilities[i], into: sums[i]) }
      }
    }
    let rows = Rows(sums)
    // Less each point's own w_ii = 1.
    let z = rows.indices.reduce(0.0) { $0 + Double(rows[$1, 4]) - 1 }
    let (attraction, repulsion) = (Float(4 * exaggeration), Float(4 / z))
    self.x = rows.indices.map { attraction * rows[$0, 0] - repulsion * rows[$0, 2] }
    self.y = rows.indices.map { attraction * rows[$0, 1] - repulsion * rows[$0, 3] }
  }

  @inline(__always)
  private static func sum(
    _ i: Int, _ x: Float, _ y: Float, _ xs: [Lanes], _ ys: [Lanes], _ p: UnsafePointer<Float>,
    into sums: UnsafeMutablePointer<Float>
  ) {
    var (ax, ay, rx, ry, z) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
    let p = UnsafeRawPointer(p)
    for l in xs.indices {
      let (dx, dy) = (x - xs[l], y - ys[l])
      let w = 1 / (1 + dx * dx + dy * dy)
      let attraction =
        w * p.loadUnaligned(fromByteOffset: l * MemoryLayout<Lanes>.size, as: Lanes.self)
      let repulsion = w * w
      ax += attraction * dx
      ay += attraction * dy
      rx += repulsion * dx
      ry += repulsion * dy
      z += w
    }
    (sums[0], sums[1], sums[2], sums[3], sums[4]) = (
      ax.sum(), ay.sum(), rx.sum(), ry.sum(), z.sum()
    )
  }

  /// Coordinates in lanes; those that fill up the last lie so far away that their w is 0.
  private static func lanes(_ values: [Float]) -> [Lanes] {
    (0..<width(of: values.count) / Lanes.scalarCount).map { l in
      var lanes = Lanes(repeating: 1e18)
      for e in 0..<Lanes.scalarCount where l * Lanes.scalarCount + e < values.count {
        lanes[e] = values[l * Lanes.scalarCount + e]
      }
      return lanes
    }
  }

  /// KL(P‖Q), in nats.
  static func divergence(of x: [Float], _ y: [Float], _ p: Matrix) -> Double {
    let p = Rows(p)
    func weight(_ i: Int, _ j: Int) -> Double {
      let (dx, dy) = (Double(x[i]) - Double(x[j]), Double(y[i]) - Double(y[j]))
      return 1 / (1 + dx * dx + dy * dy)
    }
    var (z, sum) = (0.0, 0.0)
    for i in x.indices {
      for j in x.indices where j != i {
        let w = weight(i, j)
        z += w
        if p[i, j] > 0 { sum += Double(p[i, j]) * log(Double(p[i, j]) / w) }
      }
    }
    return sum + log(z)
  }
}
