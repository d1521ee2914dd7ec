import XCTest

@testable import Report

final class PrincipalComponentsTests: XCTestCase {
  func testAKnownCovariance() {
    // Eigenvalues 9, 4 and 1 along (2, 1, 2)/3, (-2, 2, 1)/3 and (1, 2, -2)/3.
    let axes: [[Double]] = [[2, 1, 2], [-2, 2, 1], [1, 2, -2]].map { $0.map { $0 / 3 } }
    let values = [9.0, 4, 1]
    var covariance = [Double](repeating: 0, count: 9)
    for (axis, value) in zip(axes, values) {
      for a in 0..<3 { for b in 0..<3 { covariance[a * 3 + b] += value * axis[a] * axis[b] } }
    }
    let components = PrincipalComponents(mean: [1, 2, 3], covariance: covariance)
    for i in 0..<3 {
      XCTAssertEqual(components.variances[i], values[i], accuracy: 1e-12)
      let cosine = zip(components.axes[i], axes[i]).reduce(0) { $0 + $1.0 * $1.1 }
      XCTAssertEqual(abs(cosine), 1, accuracy: 1e-12)
      XCTAssertGreaterThan(components.axes[i].max { abs($0) < abs($1) }!, 0)
    }
    XCTAssertEqual(components.share(0), 9.0 / 14, accuracy: 1e-12)
    let place = components.project([1 + 2, 2 + 1, 3 + 2] as [Double])
    XCTAssertEqual(place.x, 3, accuracy: 1e-6)
    XCTAssertEqual(place.y, 0, accuracy: 1e-6)
  }

  func testPointsOfManyDimensions() throws {
    // 30 dimensions with variances 30, 29, ... in an order of their own, then a rotation of pairs.
    let (n, count) = (30, 400)
    var points = [Float](repeating: 0, count: n * count)
    var random = SystemRandomNumberGenerator()
    for i in 0..<points.count { points[i] = Float.random(in: -1...1, using: &random) }
    for i in 0..<count { points[i * n + 7] = 10 * points[i * n + 11] + 5 }
    let components = try XCTUnwrap(PrincipalComponents(points, dimension: n))
    XCTAssertEqual(components.variances, components.variances.sorted(by: >))
    for i in 0..<n {
      for j in 0...i {
        let product = zip(components.axes[i], components.axes[j]).reduce(0) { $0 + $1.0 * $1.1 }
        XCTAssertEqual(product, i == j ? 1 : 0, accuracy: 1e-10)
      }
    }
    // Feature 7 follows feature 11 ten times as strongly: (10, 1)/√101.
    XCTAssertEqual(components.axes[0][7], 10 / 101.0.squareRoot(), accuracy: 1e-2)
    XCTAssertEqual(components.axes[0][11], 1 / 101.0.squareRoot(), accuracy: 1e-2)
    XCTAssertEqual(components.variances[n - 1], 0, accuracy: 1e-9)
  }

  func testDegeneratePoints() throws {
    let same = try XCTUnwrap(PrincipalComponents([2, 3, 2, 3], dimension: 2))
    XCTAssertEqual(same.variances, [0, 0])
    XCTAssertEqual(same.share(0), 0)
    let line = try XCTUnwrap(PrincipalComponents([1, .nan, 3], dimension: 1))
    XCTAssertEqual(line.mean, [2])
    XCTAssertEqual(line.project([4] as [Double]).x, 2)
    XCTAssertEqual(line.project([4] as [Double]).y, 0)
    XCTAssertNil(PrincipalComponents([.nan], dimension: 1))
    XCTAssertNil(PrincipalComponents([], dimension: 3))
  }
}
