import ClusteringMetrics
import Collectives
import DenseMath
import Glibc
import XCTest

@testable import SpectralClustering

/// Clusters that no centroid has: two moons (G3), three rings (G4), and the rotation alone (G5).
final class ShapeClusterTests: XCTestCase {
  private func accuracy(_ points: Points, _ clusters: [Int32]) -> Double {
    Scores(Contingency(labels: points.labels, assignments: clusters)).acc ?? 0
  }

  private func parameters(
    _ points: Points, _ k: Int, _ discretization: Discretization = .kmeans,
    rows: EmbeddingRows = .unit, first: Int? = nil
  ) -> SpectralParameters {
    var parameters = SpectralParameters(clusterCount: Int(points.labels.max()!) + 1)
    parameters.neighbours = k
    parameters.discretization = discretization
    parameters.rows = rows
    parameters.firstEigenvector = first
    return parameters
  }

  private func ldmgi(_ points: Points, lambda: Double, _ parameters: SpectralParameters) throws
    -> SpectralResult
  {
    let data = points.data
    let neighbours = try NeighbourSearch(count: 10).neighbours(of: data)
    var method = LDMGI(parameters)
    method.lambda = lambda
    return try method.fit(
      data, neighbours, CliqueForms(of: data, neighbours, size: parameters.neighbours))
  }

  private func sec(_ points: Points, mu: Double) throws -> SpectralResult {
    let data = points.data
    var method = SEC(parameters(points, 5))
    (method.mu, method.weight) = (mu, .binary)
    return try method.fit(data, NeighbourSearch(count: 10).neighbours(of: data))
  }

  func testThePointsThemselves() {
    assertNear(Points.moons.rows.prefix(2), [0.999945169366, 0.077789462901], 1e-12)
    assertNear(Points.moons.rows.suffix(2), [1.922450941809, 0.556873646131], 1e-12)
    assertNear(Points.rings.rows.suffix(2), [3.918639159297, -0.246539878794], 1e-12)
  }

  func testLDMGI() throws {
    for (points, components) in [(Points.moons, 2), (Points.rings, 3)] {
      for k in [5, 8, 10] {
        for lambda in [1e-6, 1e-2, 1, 100] {
          let result = try ldmgi(points, lambda: lambda, parameters(points, k))
          XCTAssertEqual(result.componentCount, components)
          XCTAssertEqual(result.firstEigenvector, 1)
          XCTAssertEqual(accuracy(points, result.assignments), 1, "k \(k), λ \(lambda)")
        }
      }
      for (how, rows) in [
        (Discretization.rotation, EmbeddingRows.unit), (.kmeans, .raw),
      ] {
        let result = try ldmgi(points, lambda: 1, parameters(points, 5, how, rows: rows))
        XCTAssertEqual(accuracy(points, result.assignments), 1, "\(how) \(rows)")
      }
    }
  }

  /// Trap T3: with two components, leaving out the first eigenvector leaves out a cluster.
  func testLeavingOutTheFirstOfTwoNullVectorsFails() throws {
    let result = try ldmgi(.moons, lambda: 1, parameters(.moons, 5, first: 2))
    XCTAssertLessThan(accuracy(.moons, result.assignments), 0.95)
  }

  func testSEC() throws {
    for points in [Points.moons, .rings] {
      for mu in [0, 1e-6, 1e-4] {
        let result = try sec(points, mu: mu)
        XCTAssertEqual(accuracy(points, result.assignments), 1, "μ \(mu)")
      }
      // The shapes are not linear: a regression with weight must fail.
      XCTAssertLessThan(accuracy(points, try sec(points, mu: 1).assignments), 0.8)
    }
  }

  func testTheRotationAlone() {
    let sizes = [5, 7, 3, 9]
    let labels = sizes.enumerated().flatMap { [Int32](repeating: Int32($0), count: $1) }
    // An orthogonal matrix: the eigenvectors of any symmetric one.
    let symmetric: [Double] = [4, 1, 2, 3, 1, 5, 6, 1, 2, 6, 7, 5, 3, 1, 5, 2]
    let (_, turn) = symmetricEigenvectors(symmetric, 4)
    var y = Matrix(rows: 24, columns: 4)
    for (i, label) in labels.enumerated() {
      for l in 0..<4 { y[i, l] = Float(turn[Int(label) * 4 + l]) }
    }
    var rotation = SpectralRotation()
    rotation.restarts = 1
    let clusters = rotation.clusters(of: y, over: SoloCommunicator())
    XCTAssertEqual(Scores(Contingency(labels: labels, assignments: clusters)).acc, 1)
  }
}
