import Collectives
import Datasets
import DenseMath
import Diagnostics
import TestSupport
import XCTest

@testable import SpectralClustering

final class NeighbourTests: XCTestCase {
  private func data(_ rows: InputRows) -> SpectralData {
    SpectralData(
      Shard(memory: rows, range: 0..<rows.rows), rows: 0..<rows.rows, over: SoloCommunicator())
  }

  /// G1: ties go to the lower index.
  func testEightPoints() throws {
    let found = try NeighbourSearch(count: 3).neighbours(of: Points.eight.data)
    XCTAssertEqual(
      found.indices,
      [2, 1, 3, 0, 2, 3, 0, 1, 3, 2, 0, 1, 5, 6, 1, 4, 6, 7, 5, 7, 4, 6, 5, 4])
    XCTAssertEqual(
      found.squaredDistances,
      [1, 4, 10, 4, 5, 10, 1, 5, 5, 5, 10, 10, 5, 10, 16, 5, 5, 10, 5, 5, 10, 5, 10, 25])
  }

  private func assertSame(_ found: Neighbours, _ expected: Neighbours, every: Int) {
    for i in 0..<expected.samples {
      for place in 0..<expected.count {
        let (a, b) = (i * every * found.count + place, i * expected.count + place)
        XCTAssertEqual(found.indices[a], expected.indices[b], "document \(i * every)")
        XCTAssertEqual(found.squaredDistances[a], expected.squaredDistances[b], accuracy: 1e-10)
      }
    }
  }

  /// Over several tiles, far from the origin, where expanded distances lose their digits.
  func testAgainstAllDistances() throws {
    var random = RandomStream(seed: 3, .synthetic)
    let points = Points(
      rows: (0..<2500 * 5).map { _ in Double(Float(500 + random.normal())) }, dimension: 5)
    let found = try NeighbourSearch(count: 6).neighbours(of: points.data)
    assertSame(found, points.neighbours(6, every: 50), every: 50)
  }

  /// Rows of sparse datasets, by the sparse kernel and, where they are dense enough, by sgemm.
  func testSparseRows() throws {
    for features in [40, 400] {
      let rows = sparseDocuments(700, features: features, groups: 4)
      let found = try NeighbourSearch(count: 5).neighbours(of: data(InputRows(rows)))
      let points = Points(rows: rows.dense.elements.map { Double($0) }, dimension: features)
      assertSame(found, points.neighbours(5, every: 70), every: 70)
    }
  }

  /// More duplicates than neighbours: those with the lowest indices.
  func testDuplicates() throws {
    let x = Matrix(rows: 60, columns: 3, elements: [Float](repeating: 2, count: 180))
    let found = try NeighbourSearch(count: 4).neighbours(of: data(InputRows(x)))
    XCTAssertEqual(Array(found.indices[..<8]), [1, 2, 3, 4, 0, 2, 3, 4])
    XCTAssert(found.squaredDistances.allSatisfy { $0 == 0 })
  }

  /// Many equal documents at the same distance from another, in rows whose products round: which
  /// are candidates depends on rounding, which are neighbours does not.
  func testManyDuplicatesFromAfar() throws {
    var random = RandomStream(seed: 5, .synthetic)
    let one = (0..<33).map { _ in Double(Float(random.normal())) }
    let other = (0..<33).map { _ in Double(Float(random.normal())) }
    let points = Points(
      rows: (0..<200).flatMap { $0 % 10 == 9 ? other : one }, dimension: 33)
    let found = try NeighbourSearch(count: 22).neighbours(of: points.data)
    assertSame(found, points.neighbours(22, every: 3), every: 3)
  }

  func testFewerDocumentsThanNeighbours() throws {
    let found = try NeighbourSearch(count: 10).neighbours(
      of: data(InputRows([[0, 0], [1, 0], [5, 0]] as Matrix)))
    XCTAssertEqual(found.count, 2)
    XCTAssertEqual(found.indices, [1, 2, 0, 2, 1, 0])
  }

  func testALongSearchIsRefused() {
    var search = NeighbourSearch(count: 3)
    search.approve = { throw Failure(.work, "would take about \($0)") }
    let x = Matrix(rows: 4000, columns: 8, elements: (0..<32000).map { Float($0 % 97) })
    XCTAssertThrowsError(try search.neighbours(of: data(InputRows(x)))) {
      XCTAssert("\($0)".contains("would take about"), "\($0)")
    }
  }
}
