import Collectives
import DenseMath
import TestSupport
import XCTest

@testable import DeepClustering

final class KMeansTests: XCTestCase {
  /// Three blobs of 40, 30 and 20 points.
  private func blobs(far: Float = 0) -> (z: Matrix, truth: [Int]) {
    var z = normalMatrix(90, 3, scale: 0.3, seed: 4)
    let truth = (0..<90).map { $0 < 40 ? 0 : $0 < 70 ? 1 : 2 }
    for i in 0..<90 {
      z[i, truth[i]] += 5
      for l in 0..<3 { z[i, l] += far }
    }
    return (z, truth)
  }

  private func fit(_ z: Matrix, k: Int, restarts: Int = 5) throws -> KMeans.Result {
    var means = KMeans(clusterCount: k)
    means.restarts = restarts
    return try means.fit(z, first: 0, samples: z.rows, over: SoloCommunicator())
  }

  func testBlobsAreFound() throws {
    let (z, truth) = blobs()
    let result = try fit(z, k: 3)
    XCTAssertEqual(result.clusterSizes.sorted(), [20, 30, 40])
    for cluster in 0..<3 {
      let members = truth.indices.filter { result.assignments[$0] == Int32(cluster) }
      XCTAssertEqual(Set(members.map { truth[$0] }).count, 1)
      for l in 0..<3 {
        let mean = members.reduce(Float(0)) { $0 + z[$1, l] } / Float(members.count)
        XCTAssertEqual(result.centroids[cluster, l], mean, accuracy: 1e-5)
      }
    }
    let inertia = (0..<90).reduce(0.0) { sum, i in
      (0..<3).reduce(sum) {
        let difference = z[i, $1] - result.centroids[Int(result.assignments[i]), $1]
        return $0 + Double(difference * difference)
      }
    }
    XCTAssertEqual(result.inertia, inertia, accuracy: 1e-4 * inertia)
  }

  func testFarFromTheOrigin() throws {
    XCTAssertEqual(try fit(blobs(far: 10_000).z, k: 3).clusterSizes.sorted(), [20, 30, 40])
  }

  func testOneClusterIsTheMean() throws {
    let (z, _) = blobs()
    let result = try fit(z, k: 1)
    for l in 0..<3 {
      let mean = (0..<90).reduce(Float(0)) { $0 + z[$1, l] } / 90
      XCTAssertEqual(result.centroids[0, l], mean, accuracy: 1e-5)
    }
  }

  func testAsManyClustersAsPoints() throws {
    let z: Matrix = [[0, 0], [1, 0], [0, 1], [5, 5]]
    let result = try fit(z, k: 4)
    XCTAssertEqual(result.inertia, 0, accuracy: 1e-9)
    XCTAssertEqual(Set(result.assignments).count, 4)
  }

  func testFewerDistinctPointsThanClusters() throws {
    let z: Matrix = [[1, 1], [1, 1], [1, 1], [2, 2]]
    let result = try fit(z, k: 3)
    XCTAssertEqual(result.inertia, 0, accuracy: 1e-9)
    XCTAssertEqual(result.assignments[0], result.assignments[1])
  }

  func testAnEmptyClusterTakesTheFarthestDocument() throws {
    let z: Matrix = [[0, 0], [1, 0], [0, 1], [9, 9]]
    let points = try DensePoints(z, first: 0, samples: 4, over: SoloCommunicator())
    // Cluster 1 lies where nothing is.
    var mu: Matrix = [[0, 0], [100, 100]]
    for j in 0..<2 { for l in 0..<2 { mu[j, l] -= points.origin[l] } }
    var sums = points.sums(nearestOf: [mu], over: SoloCommunicator())
    XCTAssertEqual(sums.counts(0), [4, 0])
    points.refill(&sums, 0, centroids: mu, over: SoloCommunicator())
    XCTAssertEqual(sums.counts(0), [3, 1])
    let means = sums.means(0, points.units)
    XCTAssertEqual(means[1, 0] + points.origin[0], 9, accuracy: 1e-5)
    XCTAssertEqual(means[0, 0] + points.origin[0], 1.0 / 3, accuracy: 1e-5)
  }

  func testPointsThatAreNotFiniteAreAFailure() {
    XCTAssertThrowsError(try fit([[0, .nan], [1, 1]], k: 1))
    let rows = SparseRows(columns: 2, rowStarts: [0, 1, 2], indices: [0, 1], values: [.nan, 1])
    XCTAssertThrowsError(
      try SparsePoints(rows.shard(0..<2), samples: 2, over: SoloCommunicator()))
  }

  // MARK: Sparse documents

  private func sparsePoints(_ rows: SparseRows) throws -> SparsePoints {
    try SparsePoints(rows.shard(0..<rows.rows), samples: rows.rows, over: SoloCommunicator())
  }

  private func densePoints(_ rows: SparseRows) throws -> DensePoints {
    try DensePoints(rows.dense, first: 0, samples: rows.rows, over: SoloCommunicator())
  }

  /// More documents than a tile, some of them empty.
  func testSparseDocumentsClusterAsDenseOnes() throws {
    let rows = sparseDocuments(600, features: 60, groups: 3)
    var means = KMeans(clusterCount: 3)
    means.restarts = 4
    means.seed = 2
    let solo = SoloCommunicator()
    let sparse = means.fit(try sparsePoints(rows), over: solo)
    let dense = means.fit(try densePoints(rows), over: solo)
    // Both draw by weights that differ in their last bits alone.
    XCTAssertEqual(sparse.assignments, dense.assignments)
    XCTAssertEqual(sparse.clusterSizes, dense.clusterSizes)
    XCTAssertEqual(sparse.inertia, dense.inertia, accuracy: 1e-5 * dense.inertia)
    assertClose(sparse.centroids, dense.centroids, relativeTolerance: 1e-5)
    let again = means.assign(try sparsePoints(rows), to: sparse.centroids, over: solo)
    XCTAssertEqual(again.assignments, sparse.assignments)
    XCTAssertEqual(again.inertia, sparse.inertia, accuracy: 1e-6 * sparse.inertia)
  }

  func testSparseDocumentsHaveTheSameVarianceAndDistances() throws {
    let rows = sparseDocuments(300, features: 20, groups: 2)
    let (sparse, dense) = (try sparsePoints(rows), try densePoints(rows))
    XCTAssertEqual(sparse.meanVariance, dense.meanVariance, accuracy: 1e-4 * dense.meanVariance)
    var mu = normalMatrix(2, 20, seed: 8)
    let assignments = (0..<300).map { Int32($0 % 2) }
    let expected = (0..<300).map { i in
      (0..<20).reduce(Float(0)) {
        let difference = rows.dense[i, $1] - mu[i % 2, $1]
        return $0 + difference * difference
      }
    }
    assertClose(
      sparse.squaredDistances(to: mu, assignments), expected, relativeTolerance: 1e-5)
    var distances = [Float](repeating: .infinity, count: 600)
    sparse.lowerDistances(&distances, to: mu)
    assertClose(
      (0..<300).map { distances[$0 % 2 * 300 + $0] }, expected, relativeTolerance: 1e-5)

    // A document is exactly where it is.
    for (l, x) in sparse.coordinates(of: 7).enumerated() { mu[0, l] = x }
    XCTAssertEqual(sparse.coordinates(of: 7), rows.dense.row(7))
    XCTAssertEqual(sparse.squaredDistances(to: mu, assignments.map { _ in 0 })[7], 0)
  }

  func testAnEmptyClusterTakesTheFarthestSparseDocument() throws {
    let rows = SparseRows(
      columns: 2, rowStarts: [0, 0, 1, 2, 4], indices: [0, 1, 0, 1], values: [1, 1, 9, 9])
    let points = try sparsePoints(rows)
    let mu: Matrix = [[0, 0], [100, 100]]
    var sums = points.sums(nearestOf: [mu], over: SoloCommunicator())
    XCTAssertEqual(sums.counts(0), [4, 0])
    points.refill(&sums, 0, centroids: mu, over: SoloCommunicator())
    XCTAssertEqual(sums.counts(0), [3, 1])
    assertClose(
      sums.means(0, points.units), [[1.0 / 3, 1.0 / 3], [9, 9]], relativeTolerance: 1e-6)
  }

  func testFewerDistinctSparseDocumentsThanClusters() throws {
    let rows = SparseRows(
      columns: 3, rowStarts: [0, 2, 4, 6, 7], indices: [0, 2, 0, 2, 0, 2, 1],
      values: [0.3, 0.7, 0.3, 0.7, 0.3, 0.7, 2])
    let result = KMeans(clusterCount: 3).fit(try sparsePoints(rows), over: SoloCommunicator())
    XCTAssertEqual(result.inertia, 0, accuracy: 1e-6)
    XCTAssertEqual(result.assignments[0], result.assignments[1])
    XCTAssertNotEqual(result.assignments[0], result.assignments[3])
  }
}
