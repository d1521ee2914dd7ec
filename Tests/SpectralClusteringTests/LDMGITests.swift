import Collectives
import DenseMath
import Glibc
import XCTest

@testable import SpectralClustering

/// LDMGI's matrix against values worked out by other means.
final class LDMGITests: XCTestCase {
  // MARK: G1, eight points

  func testEightPoints() {
    let l = Points.eight.ldmgi(size: 4, lambda: 1)
    assertNear(
      eigenvalues(l.dense),
      [
        0, 0.0291560623635, 0.353161555519, 0.587312284533, 1.09972331089, 1.60143258945,
        3.45572156552, 4.0028021368,
      ], 1e-10)
    let rows: [[Double]] = [
      [1.828571428571, -0.571428571429, -1.6, 0.342857142857, 0, 0, 0, 0],
      [0.865130568356, 0, -0.190476190476, -0.2, 0.141935483871, -0.045161290323, 0],
      [2.4, -0.8, 0, 0, 0, 0], [0.647619047619, 0, 0, 0, 0],
      [1.411382113821, -1.241463414634, -0.591869918699, 0.621951219512],
      [1.689063729347, 0.069000786782, -0.658536585366], [1.409493836874, -0.841463414634],
      [0.878048780488],
    ]
    for (i, row) in rows.enumerated() {
      assertNear((i..<8).map { l[i, $0] }, row, 1e-11, "row \(i)")
      for j in i..<8 { XCTAssertEqual(l[i, j], l[j, i]) }
    }
  }

  func testTheSecondEigenvectorDividesTheEightPoints() throws {
    let (_, vectors) = try smallestEigenpairs(
      Points.eight.ldmgi(size: 4, lambda: 1).dense, 8, count: 2)
    let second = Array(vectors[1])
    XCTAssertEqual(second.map { $0 * second[0] > 0 }, (0..<8).map { $0 < 4 })
  }

  func testEightPointsInTwoComponents() {
    assertNear(
      eigenvalues(Points.eight.ldmgi(size: 3, lambda: 1).dense),
      [
        0, 0, 0.175545595838, 0.25, 0.583333333333, 0.825564758384, 1.33333333333, 2.92241905754,
      ], 1e-10)
  }

  // MARK: G2, the circle in closed form

  private func circleEigenvalues(_ n: Int, _ radius: Double, _ lambda: Double) -> [Double] {
    let phi = 2 * Double.pi / Double(n)
    let r2 = radius * radius
    return (0..<n).map { j in
      let theta = 2 * Double.pi * Double(j) / Double(n)
      let tangent = 2 * pow(sin(theta), 2) / (2 * r2 * pow(sin(phi), 2) + lambda)
      let bend = 2.0 / 3 * pow(1 - cos(theta), 2)
      let bending = 2.0 / 3 * r2 * pow(1 - cos(phi), 2)
      return tangent + bend / (bending + lambda)
    }.sorted()
  }

  func testTheCircle() {
    for (n, radius, lambda) in [(12, 1.0, 0.1), (40, 2, 0.5), (40, 2, 1e-8)] {
      let expected = circleEigenvalues(n, radius, lambda)
      let found = eigenvalues(Points.circle(n, radius: radius).ldmgi(size: 3, lambda: lambda).dense)
      let tolerance = lambda > 1e-3 ? 1e-10 : 1e-7 * expected.last!
      assertNear(found, expected, tolerance, "n = \(n), λ = \(lambda)")
    }
    assertNear(
      circleEigenvalues(12, 1, 0.1).prefix(5),
      [0, 0.94020608557, 0.94020608557, 3.988545412938, 3.988545412938], 1e-10)
  }

  func testCirclesFarApart() throws {
    var points = Points(rows: [])
    for m in 0..<3 {
      for (e, x) in Points.circle(12, radius: 1).rows.enumerated() {
        points.rows.append(e % 2 == 0 ? x + 1000 * Double(m) : x)
      }
    }
    let one = circleEigenvalues(12, 1, 0.1)
    assertNear(
      eigenvalues(points.ldmgi(size: 3, lambda: 0.1).dense),
      one.flatMap { [$0, $0, $0] }, 1e-8)
  }

  // MARK: G7, invariances

  func testScaledPoints() {
    let moved = Points(rows: Points.moons.rows.map { 3 * $0 })
    let (a, b) = (Points.moons.ldmgi(size: 5, lambda: 0.1), moved.ldmgi(size: 5, lambda: 0.9))
    for (x, y) in zip(a.dense, b.dense) { XCTAssertEqual(x, 9 * y, accuracy: 1e-9 * (1 + abs(x))) }
  }

  func testMovedAndTurnedPoints() {
    let rows = Points.eight.rows
    let turned = Points(
      rows: (0..<8).flatMap { i in
        let (x, y) = (rows[2 * i], rows[2 * i + 1])
        return [0.6 * x - 0.8 * y + 5, 0.8 * x + 0.6 * y - 7]
      })
    // The same neighbours: turning rounds distances, which ties do not survive.
    let neighbours = Points.eight.neighbours(3)
    assertNear(
      turned.forms(neighbours, size: 4).matrix(samples: 8, lambda: 1).dense,
      Points.eight.ldmgi(size: 4, lambda: 1).dense, 1e-12)
  }

  /// λ L is Σ S_i H S_iᵀ, the complete graphs on the cliques.
  func testTheLimitOfLargeLambda() {
    let (k, lambda) = (5, 1e12)
    let l = Points.moons.ldmgi(size: k, lambda: lambda)
    var expected = [Double](repeating: 0, count: 300 * 300)
    let members = Points.moons.neighbours(k - 1).cliques(of: 0..<300, size: k)
    for clique in 0..<300 {
      for a in members[clique * k..<(clique + 1) * k] {
        for b in members[clique * k..<(clique + 1) * k] {
          expected[Int(a) * 300 + Int(b)] += (a == b ? 1 : 0) - 1 / Double(k)
        }
      }
    }
    assertNear(l.dense.map { $0 * lambda }, expected, 1e-9)
  }

  func testDuplicatesStayFinite() {
    let points = Points(rows: [0, 0, 0, 0, 0, 0, 0, 0, 5, 5, 5, 6, 6, 5, 6, 6])
    let l = points.ldmgi(size: 4, lambda: 1e-8)
    XCTAssert(l.values.allSatisfy(\.isFinite))
    XCTAssertEqual(eigenvalues(l.dense)[0] / l.largestRowSum, 0, accuracy: 1e-12)
  }
}
