import DenseMath
import TestSupport
import XCTest

@testable import Visualization

final class TSNETests: XCTestCase {
  /// Points around four centres, as scripts/golden/tsne.py makes them.
  private func points(_ n: Int = 240) -> Matrix {
    let d = 6
    var state = 12345
    var x = Matrix(rows: n, columns: d)
    for i in 0..<n {
      for c in 0..<d {
        state = (state * 1_103_515_245 + 12345) % (1 << 31)
        x[i, c] = Float(Double(state) / Double(1 << 31) - 0.5)
      }
    }
    for i in 0..<n { x[i, i % 4] += 1 + 0.1 * Float(i % 3) }
    return x
  }

  /// How far the neighbours in a map are neighbours of the points (Venna and Kaski 2001).
  private func trustworthiness(_ x: Matrix, _ y: Matrix, neighbours k: Int) -> Double {
    let n = x.rows
    func order(_ rows: [[Float]], from i: Int) -> [Int] {
      let squares = rows.map { row in
        zip(rows[i], row).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      }
      return rows.indices.filter { $0 != i }.sorted { squares[$0] < squares[$1] }
    }
    let (points, map) = ((0..<n).map(x.row), (0..<n).map(y.row))
    var penalty = 0
    for i in 0..<n {
      var rank = [Int](repeating: 0, count: n)
      for (r, j) in order(points, from: i).enumerated() { rank[j] = r + 1 }
      for j in order(map, from: i).prefix(k) { penalty += max(0, rank[j] - k) }
    }
    return 1 - 2 * Double(penalty) / Double(n * k * (2 * n - 3 * k - 1))
  }

  /// The figures of scikit-learn 1.9.1 for the same points: scripts/golden/tsne.py.
  func testAsGoodAsScikitLearn() {
    let x = points()
    let map = TSNE().fit(x)
    XCTAssertLessThan(map.divergence, 0.45254 * 1.02)
    XCTAssertGreaterThan(trustworthiness(x, map.points, neighbours: 12), 0.97344 - 0.005)
  }

  /// The entropy of the neighbours of every point is the logarithm of the perplexity, and p is
  /// symmetric and sums to 1.
  func testTheNeighboursHaveThePerplexity() {
    let x = points(50)
    let distances = (0..<50).map { j in
      zip(x.row(3), x.row(j)).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
    }
    let p = NeighbourProbabilities.conditionals(distances, of: 3, entropy: log(10))
    XCTAssertEqual(p[3], 0)
    XCTAssertEqual(p.reduce(0) { $0 - ($1 > 0 ? $1 * log($1) : 0) }, log(10), accuracy: 1e-4)
    let joint = NeighbourProbabilities.joint(of: x, perplexity: 10, width: 56)
    XCTAssertEqual(joint.elements.reduce(0.0) { $0 + Double($1) }, 1, accuracy: 1e-5)
    for (i, j) in [(0, 1), (7, 49), (20, 3)] { XCTAssertEqual(joint[i, j], joint[j, i]) }
    XCTAssertEqual(joint[5, 53], 0)
  }

  func testTheForcesAreTheSlopeOfTheDivergence() {
    let n = 11
    let p = NeighbourProbabilities.joint(
      of: points(n), perplexity: 3, width: MapForces.width(of: n))
    let places = normalMatrix(1, 2 * n, seed: 5).elements
    let forces = MapForces(of: Array(places[..<n]), Array(places[n...]), p, exaggeration: 1)
    let expected = slope(at: places.map(Double.init), step: 1e-3) { y in
      let y = y.map { Float($0) }
      return MapForces.divergence(of: Array(y[..<n]), Array(y[n...]), p)
    }
    assertClose(forces.x + forces.y, expected.map { Float($0) }, relativeTolerance: 1e-3)
  }

  func testTheSameBitsAtAnyNumberOfThreads() {
    var tsne = TSNE()
    tsne.iterations = 20
    let count = Threads.count
    defer { Threads.use(count) }
    Threads.use(1)
    let alone = tsne.fit(points())
    Threads.use(3)
    XCTAssertEqual(tsne.fit(points()), alone)
  }

  func testPointsThatAreAlikeOrFew() {
    let alike = TSNE().fit(Matrix(rows: 5, columns: 3))
    XCTAssert(alike.points.elements.allSatisfy(\.isFinite))
    XCTAssertEqual(TSNE().fit(points(2)).points.rows, 2)
  }
}
