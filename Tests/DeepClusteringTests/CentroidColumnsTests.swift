import DenseMath
import TestSupport
import XCTest

@testable import DeepClustering

final class CentroidColumnsTests: XCTestCase {
  /// Whole blocks of eight, parts of one, and more than four.
  func testDistancesHaveTheBitsOfOneAtATime() {
    for (k, c) in [(1, 3), (7, 1), (8, 10), (10, 30), (32, 5), (33, 30), (130, 12)] {
      let (z, mu) = (normalMatrix(5, c, seed: 1), normalMatrix(k, c, seed: 2))
      let (rows, centroids) = (Rows(z), Rows(mu))
      let columns = CentroidColumns(mu)
      columns.withDistances { distances in
        for i in rows.indices {
          columns.squaredDistances(of: rows[i], into: distances)
          for j in 0..<k {
            XCTAssertEqual(
              distances[j].bitPattern, squaredDistance(rows, i, centroids, j).bitPattern,
              "\(k) centroids of \(c)")
          }
        }
      }
    }
  }

  func testTheMostProbableClustersAreInOrder() {
    var refresh = TargetRefresh()
    refresh.codes = [[0.1], [2.5], [1]]
    refresh.centroids = [[0], [1], [2], [3]]
    let top = refresh.topClusters(3, of: 1..<3)
    // 2.5 is as near to 2 as to 3: the lower comes first.
    XCTAssertEqual(top.clusters, [2, 3, 1, 1, 0, 2])
    let q = refresh.softAssignment(of: 1..<3)
    XCTAssertEqual(top.probabilities.row(0), [q[0, 2], q[0, 3], q[0, 1]])
    XCTAssertEqual(top.probabilities.row(1), [q[1, 1], q[1, 0], q[1, 2]])
    XCTAssertEqual(refresh.topClusters(4, of: 0..<1).clusters, [0, 1, 2, 3])
  }

  func testAnEvenSampleIsTheSameInParts() {
    for (count, samples) in [(3, 10), (7, 7), (9, 5), (1, 4), (256, 1000)] {
      let sample = EvenSample(count, of: samples)
      let whole = sample.documents(in: 0..<samples)
      XCTAssertEqual(whole.before, 0)
      XCTAssertEqual(whole.chosen.count, min(count, samples))
      XCTAssertEqual(Set(whole.chosen).count, whole.chosen.count)
      for cut in 0...samples {
        let parts = [sample.documents(in: 0..<cut), sample.documents(in: cut..<samples)]
        XCTAssertEqual(parts[0].chosen + parts[1].chosen, whole.chosen)
        XCTAssertEqual(parts[1].before, parts[0].chosen.count)
      }
    }
  }
}
