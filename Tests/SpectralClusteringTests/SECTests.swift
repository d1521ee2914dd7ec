import DenseMath
import Glibc
import XCTest

@testable import SpectralClustering

/// SEC's matrix against values worked out by other means.
final class SECTests: XCTestCase {
  // MARK: G1, eight points

  func testTheLaplacianOfEightPoints() throws {
    let graph = AffinityGraph(Points.eight.neighbours(3), count: 3, .binary)
    XCTAssertEqual(graph.degrees, [3, 4, 3, 3, 4, 3, 3, 3])
    let third = 1.33333333333
    assertNear(
      eigenvalues(try Points.eight.sec(3, mu: 0).dense()),
      [0, 0.113382475163, 1.08333333333, third, third, third, third, 1.46995085817], 1e-10)
  }

  func testEightPointsWithRegression() throws {
    for (mu, gamma, expected) in [
      (
        1.0, 1.0,
        [
          0.00142946767865, 0.143780538793, 1.28328365393, 2.19872745692, 2.32121069306,
          2.33333333333, 2.33333333333, 2.46133003697,
        ]
      ),
      (0.01, 1, [2.57192610182e-05, 0.113832431387, 1.08948570917, 1.33793359677, 1.34312606474]),
      (100, 1, [0.0042012778156, 1.14589661343, 7.88708228361, 101.179242111]),
      (1, 10, [0.00179669671903, 0.227498043156, 1.61780621888, 2.20842841428]),
    ] {
      let found = eigenvalues(try Points.eight.sec(3, mu: mu, gamma: gamma).dense())
      assertNear(found.prefix(expected.count), expected, 1e-10 * max(1, mu), "μ \(mu), γ \(gamma)")
    }
  }

  func testTheSelfTunedWeight() {
    let neighbours = Points.eight.neighbours(7)
    let graph = AffinityGraph(neighbours, count: 3, .selfTuned)
    let weight =
      graph.normalized[0, 2] * (graph.degrees[0] * graph.degrees[2]).squareRoot()
    XCTAssertEqual(weight, 0.989354381669, accuracy: 1e-11)
  }

  // MARK: G2, the circle

  func testTheCircle() throws {
    let (n, radius, mu, gamma) = (12, 1.0, 0.5, 1.0)
    let values = eigenvalues(
      try Points.circle(n, radius: radius).sec(2, mu: mu, gamma: gamma).dense())
    let phi = 2 * Double.pi / Double(n)
    let expected = (0..<n).map { j in
      let regression: Double =
        switch j {
        case 0: 0
        case 1, n - 1: mu * gamma / (Double(n) * radius * radius / 2 + gamma)
        default: mu
        }
      return 1 - cos(phi * Double(j)) + regression
    }
    assertNear(values, expected.sorted(), 1e-12)
    assertNear(values.prefix(5), [0, 0.205403167644, 0.205403167644, 1, 1], 1e-10)
  }

  // MARK: G6, complete graphs

  /// Three of each size: 0 three times, then n / (n − 1).
  func testCompleteGraphs() {
    for n in 2...6 {
      let count = 3 * n
      var indices: [Int32] = []
      for i in 0..<count {
        for j in i / n * n..<i / n * n + n where j != i { indices.append(Int32(j)) }
      }
      let neighbours = Neighbours(
        count: n - 1, indices: indices,
        squaredDistances: [Double](repeating: 1, count: indices.count))
      let graph = AffinityGraph(neighbours, count: n - 1, .binary)
      var laplacian = graph.normalized.dense.map { -$0 }
      for i in 0..<count { laplacian[i * (count + 1)] += 1 }
      let zeros = [Double](repeating: 0, count: 3)
      let others = [Double](repeating: Double(n) / Double(n - 1), count: count - 3)
      assertNear(eigenvalues(laplacian), zeros + others, 1e-12)
      XCTAssertEqual(Components(of: neighbours, linkCount: n - 1).sizes, [n, n, n])
    }
  }

  // MARK: Products, the dual form and the inverse

  /// The products that the iteration uses, against the matrix with all elements.
  func testProductsAreThoseOfTheDenseMatrix() throws {
    for (points, mu) in [(Points.moons, 0.3), (Points.moons, 1e6), (Points.eight, 2)] {
      let problem = try points.sec(5, mu: mu, gamma: 0.5)
      let (m, n) = (try problem.dense(), points.count)
      let x = (0..<n).map { sin(Double($0 * $0)) }
      var y = [Double](repeating: 0, count: n)
      problem.apply(x, &y)
      for i in 0..<n {
        var expected = 0.0
        for j in 0..<n { expected += m[i * n + j] * x[j] }
        XCTAssertEqual(y[i], expected, accuracy: 1e-11 * (1 + mu))
      }
    }
  }

  /// More features than documents, dense and sparse, against fewer: appended columns of zeros
  /// change nothing.
  func testMoreFeaturesThanDocuments() throws {
    let eight = Points.eight
    var wide: [Double] = []
    for i in 0..<8 {
      wide += eight.rows[2 * i..<2 * i + 2]
      wide += [Double](repeating: 0, count: 9)
    }
    var sparse = SparseRows(columns: 11)
    for i in 0..<8 {
      let row = [Float(eight.rows[2 * i]), Float(eight.rows[2 * i + 1])]
      [Int32(0), 1].withUnsafeBufferPointer { indices in
        row.withUnsafeBufferPointer { sparse.appendRow(indices: indices, values: $0) }
      }
    }
    let narrow = CentredRows(dense: eight.rows, dimension: 2)
    for rows in [CentredRows(dense: wide, dimension: 11), CentredRows(sparse: sparse)] {
      let (a, b) = (
        RidgeFactor(rows, gamma: 2, dropping: 0), RidgeFactor(narrow, gamma: 2, dropping: 0)
      )
      func projection(_ factor: RidgeFactor) -> [Double] {
        var result = [Double](repeating: 0, count: 64)
        gemm(
          8, 8, factor.columns, 1, factor.q, transposed: false, factor.q, transposed: true, 0,
          into: &result)
        return result
      }
      assertNear(projection(a), projection(b), 1e-12)
      XCTAssertEqual(rows.gram()[1], narrow.gram()[1], accuracy: 1e-12)
      let x = (0..<8).map { cos(Double($0)) }
      assertNear(
        rows.multiplyTransposed(x).prefix(2), narrow.multiplyTransposed(x), 1e-12)
    }
  }

  /// At every μ the inverse undoes M + ε I.
  func testTheInverseByWoodbury() throws {
    for mu in [20.0, 1e4, 1e8] {
      let problem = try Points.moons.sec(5, mu: mu, denseLimit: 0)
      let inverse = try XCTUnwrap(problem.inverse)
      let x = (0..<300).map { sin(Double($0 * $0)) }
      var (y, back) = ([Double](repeating: 0, count: 300), [Double](repeating: 0, count: 300))
      inverse.apply(x, &y)
      problem.apply(y, &back)
      for i in 0..<300 {
        // ε y is up to 1e-7 · 1e7.
        XCTAssertEqual(back[i] + inverse.shift * y[i], x[i], accuracy: 1e-6, "μ \(mu)")
      }
    }
  }
}
