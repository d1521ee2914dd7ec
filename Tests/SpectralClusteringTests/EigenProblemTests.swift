import DenseMath
import Diagnostics
import Glibc
import XCTest

@testable import SpectralClustering

/// The iteration against LAPACK, and the checks that turn false convergence into an error.
final class EigenProblemTests: XCTestCase {
  private func ldmgi(_ points: Points, size: Int, lambda: Double) -> EigenProblem {
    LDMGI.problem(
      points.ldmgi(size: size, lambda: lambda),
      Components(of: points.neighbours(size - 1), linkCount: size - 1))
  }

  /// Both solutions, of which the vectors span the same space.
  private func assertSame(
    _ problem: EigenProblem, _ wanted: Int, tolerance: Double, line: UInt = #line
  ) throws {
    let a = try problem.smallest(wanted, seed: 1, denseLimit: 0)
    let b = try problem.smallest(wanted, seed: 1, denseLimit: .max)
    XCTAssertGreaterThan(a.products, 0, line: line)
    for (x, y) in zip(a.values, b.values) { XCTAssertEqual(x, y, accuracy: tolerance, line: line) }
    for j in 0..<wanted - 1 {
      let square = (0..<wanted).reduce(0.0) { sum, l in
        let product = dot(Array(a.vectors[j]), Array(b.vectors[l]), problem.count)
        return sum + product * product
      }
      XCTAssertEqual(square, 1, accuracy: 1e-6, "vector \(j)", line: line)
    }
  }

  func testLanczosFindsWhatLAPACKFinds() throws {
    // 12 neighbours connect the moons; with 5 there are two components.
    try assertSame(ldmgi(.moons, size: 20, lambda: 1), 4, tolerance: 1e-9)
    try assertSame(ldmgi(.moons, size: 5, lambda: 1), 4, tolerance: 1e-9)
    try assertSame(ldmgi(.rings, size: 5, lambda: 100), 5, tolerance: 1e-9)
    try assertSame(Points.rings.sec(5, mu: 0), 5, tolerance: 1e-9)
    try assertSame(Points.moons.sec(20, mu: 0.1), 4, tolerance: 1e-9)
  }

  func testTheInverseFindsWhatLAPACKFinds() throws {
    for mu in [20.0, 1e4] {
      let sparse = try Points.moons.sec(20, mu: mu, denseLimit: 0)
      try assertSame(sparse, 3, tolerance: 1e-9 * mu)
    }
  }

  func testMoreComponentsThanEigenvectors() throws {
    let solution = try ldmgi(.rings, size: 5, lambda: 1).smallest(2, seed: 0)
    XCTAssertEqual(solution.values, [0, 0])
    let first = Array(solution.vectors[0])
    XCTAssertEqual(first.filter { $0 != 0 }.count, 100)
    assertNear([dot(first, first, 300)], [1], 1e-12)
  }

  // MARK: Trap T2

  /// A matrix whose eigenvectors are not what the graph says.
  private func broken(_ change: @escaping (UnsafeMutablePointer<Double>) -> Void) -> EigenProblem {
    let sound = ldmgi(.moons, size: 20, lambda: 1)
    return EigenProblem(
      count: sound.count, upperBound: sound.upperBound,
      apply: { x, y in
        sound.apply(x, y)
        change(y)
      }, dense: sound.dense, known: sound.known, isNullSpace: true)
  }

  private func assertFails(_ problem: EigenProblem, _ text: String, line: UInt = #line) {
    XCTAssertThrowsError(try problem.smallest(3, seed: 0), line: line) { error in
      XCTAssertEqual((error as? Failure)?.kind, .work, line: line)
      XCTAssert("\(error)".contains(text), "\(error)", line: line)
    }
  }

  func testAResidualIsAnError() {
    assertFails(broken { $0[3] += 1 }, "residual")
  }

  func testANullVectorThatIsMissingIsAnError() throws {
    let sound = ldmgi(.moons, size: 20, lambda: 1)
    let shifted = EigenProblem(
      count: sound.count, upperBound: sound.upperBound,
      apply: { x, y in
        sound.apply(x, y)
        for i in 0..<300 { y[i] += 0.1 * x[i] }
      },
      dense: {
        var m = try sound.dense()
        for i in 0..<300 { m[i * 301] += 0.1 }
        return m
      }, known: sound.known, isNullSpace: true)
    assertFails(shifted, "not 0")
  }

  func testAnEigenvalueAboveItsBoundIsAnError() throws {
    // The null vector is missed where the matrix says that it has a large eigenvalue.
    let sound = try Points.moons.sec(20, mu: 0.1)
    let n = sound.count
    let lifted = EigenProblem(
      count: n, upperBound: sound.upperBound, apply: sound.apply,
      dense: {
        var m = try sound.dense()
        let (_, vectors) = try smallestEigenpairs(m, n, count: 1)
        for i in 0..<n { for j in 0..<n { m[i * n + j] += vectors[0][i] * vectors[0][j] } }
        return m
      }, known: sound.known, isNullSpace: false)
    assertFails(lifted, "above")
  }
}
