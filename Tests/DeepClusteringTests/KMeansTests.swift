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
    let points = try KMeansPoints(z, first: 0, samples: 4, over: SoloCommunicator())
    // Cluster 1 lies where nothing is.
    var mu: Matrix = [[0, 0], [100, 100]]
    for j in 0..<2 { for l in 0..<2 { mu[j, l] -= points.mean[l] } }
    var sums = points.assign(to: [mu], over: SoloCommunicator())
    XCTAssertEqual(sums.counts[0], [4, 0])
    points.refill(&sums, 0, centroids: mu, over: SoloCommunicator())
    XCTAssertEqual(sums.counts[0], [3, 1])
    let means = sums.means(0, points)
    XCTAssertEqual(means[1, 0] + points.mean[0], 9, accuracy: 1e-5)
    XCTAssertEqual(means[0, 0] + points.mean[0], 1.0 / 3, accuracy: 1e-5)
  }

  func testPointsThatAreNotFiniteAreAFailure() {
    XCTAssertThrowsError(try fit([[0, .nan], [1, 1]], k: 1))
  }
}
