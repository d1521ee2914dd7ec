import DenseMath
import Glibc

/// t-SNE (van der Maaten and Hinton 2008): a map of points in the plane that keeps neighbours
/// together, by exact gradients, for a few thousand points.
///
/// It descends KL(P‖Q) = Σ_ij p_ij ln(p_ij / q_ij), where P are the probabilities of neighbours
/// among the points (`NeighbourProbabilities`), and in the map
///
///     w_ij = 1 / (1 + ‖y_i − y_j‖²),   q_ij = w_ij / Z,   Z = Σ_i≠j w_ij
///
/// Schedule and constants are scikit-learn's. One process computes it, with the same bits at any
/// number of threads.
public struct TSNE: Sendable {
  /// The effective number of neighbours; at most a third of the points are taken.
  public var perplexity = 30.0
  public var iterations = 1000
  /// In the first quarter of the iterations, P is multiplied by this, which gathers clusters.
  public var exaggeration = 12.0

  public init() {}

  /// A map.
  public struct Map: Sendable, Equatable {
    /// y, `[n, 2]`.
    public var points: Matrix
    /// KL(P‖Q), in nats.
    public var divergence: Double
  }

  /// - Parameters:
  ///   - x: Points, `[n, dimensions]`, finite.
  ///   - start: y to start from, `[n, 2]`, which is scaled down; nil for the two leading principal
  ///     components.
  public func fit(_ x: Matrix, from start: Matrix? = nil) -> Map {
    let n = x.rows
    guard n > 2 else { return Map(points: Matrix(rows: n, columns: 2), divergence: 0) }
    let width = MapForces.width(of: n)
    let p = NeighbourProbabilities.joint(
      of: x, perplexity: min(perplexity, Double(n - 1) / 3), width: width)
    var course = Descent(start ?? leadingComponents(of: x))
    let rate = Float(max(Double(n) / exaggeration / 4, 50))
    for iteration in 0..<iterations {
      let isEarly = iteration < iterations / 4
      if iteration == iterations / 4 { course.halt() }
      let forces = MapForces(of: course.x, course.y, p, exaggeration: isEarly ? exaggeration : 1)
      course.move(along: forces, rate: rate, momentum: isEarly ? 0.5 : 0.8)
    }
    var points = Matrix(rows: n, columns: 2)
    for i in 0..<n { (points[i, 0], points[i, 1]) = (course.x[i], course.y[i]) }
    return Map(points: points, divergence: MapForces.divergence(of: course.x, course.y, p))
  }

  /// The coordinates along the two principal components of largest variance; 0 where there is no
  /// second.
  private func leadingComponents(of x: Matrix) -> Matrix {
    let (n, d) = (x.rows, x.columns)
    let rows = Rows(x)
    let means = (0..<d).map { c in rows.indices.reduce(0.0) { $0 + Double(rows[$1, c]) } / Double(n)
    }
    let centred = rows.indices.flatMap { i in (0..<d).map { Double(rows[i, $0]) - means[$0] } }
    let axes = symmetricEigenvectors(gramMatrix(centred, columns: d), d).vectors
    var result = Matrix(rows: n, columns: 2)
    for component in 0..<min(2, d) {
      let axis = axes[(d - 1 - component) * d..<(d - component) * d]
      for i in 0..<n {
        result[i, component] = Float(
          zip(axis, centred[i * d..<(i + 1) * d]).reduce(0) { $0 + $1.0 * $1.1 })
      }
    }
    return result
  }
}

/// The points of a map and how they move: momentum, and a gain of each coordinate.
private struct Descent {
  var x: [Float]
  var y: [Float]
  private var velocities: [[Float]] = []
  private var gains: [[Float]] = []

  /// - Parameter start: `[n, 2]`, which is scaled to a standard deviation of 10⁻⁴ along the first
  ///   axis.
  init(_ start: Matrix) {
    let n = start.rows
    let rows = Rows(start)
    let mean = rows.indices.reduce(0.0) { $0 + Double(rows[$1, 0]) } / Double(n)
    let variance = rows.indices.reduce(0.0) {
      $0 + (Double(rows[$1, 0]) - mean) * (Double(rows[$1, 0]) - mean) / Double(n)
    }
    let scale = Float(variance > 0 ? 1e-4 / variance.squareRoot() : 0)
    x = rows.indices.map { scale * rows[$0, 0] }
    y = rows.indices.map { scale * rows[$0, 1] }
    halt()
  }

  /// Forgets momentum and gains.
  mutating func halt() {
    let n = x.count
    velocities = [[Float]](repeating: [Float](repeating: 0, count: n), count: 2)
    gains = [[Float]](repeating: [Float](repeating: 1, count: n), count: 2)
  }

  mutating func move(along forces: MapForces, rate: Float, momentum: Float) {
    Self.move(&x, &velocities[0], &gains[0], forces.x, rate, momentum)
    Self.move(&y, &velocities[1], &gains[1], forces.y, rate, momentum)
  }

  private static func move(
    _ points: inout [Float], _ velocity: inout [Float], _ gain: inout [Float],
    _ gradient: [Float], _ rate: Float, _ momentum: Float
  ) {
    for i in points.indices {
      gain[i] =
        velocity[i] * gradient[i] < 0 ? gain[i] + 0.2 : max(0.01, gain[i] * 0.8)
      velocity[i] = momentum * velocity[i] - rate * gain[i] * gradient[i]
      points[i] += velocity[i]
    }
  }
}
