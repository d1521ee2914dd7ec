import Collectives
import Datasets
import DenseMath
import TestSupport
import XCTest

@testable import DeepClustering

final class AssignerTests: XCTestCase {
  /// Tiles cut anywhere, as a stream's are, give the refresh's bits.
  func testAssignsAsARefreshDoes() {
    let n = 600
    let rows = sparseDocuments(n, features: 40)
    for isSparse in [true, false] {
      let encoder = Autoencoder(
        inputs: 40, widths: [30, 7], initialization: .glorot, seed: 3
      ).encoder
      let centroids = normalMatrix(5, 7, seed: 4)
      let all = isSparse ? InputRows(rows) : InputRows(rows.dense)
      let data = TrainingData(
        Shard(memory: all, range: 0..<n), samples: n, over: SoloCommunicator())
      let refresh = TargetRefresh(of: data, through: encoder, centroids: centroids)
      let assigner = Assigner(encoder: encoder, centroids: centroids)
      let workspace = assigner.workspace(isSparse: isSparse)
      var q: [Float] = []
      for (start, end) in zip([0, 100, 256, 511, 512], [100, 256, 511, 512, 600]) {
        let part = rows.rows(start..<end)
        workspace.rows = isSparse ? InputRows(part) : InputRows(part.dense)
        Threads.forEachAlone(1) { _ in
          q += assigner.softAssignment(workspace, at: start % Assigner.tile).elements
        }
      }
      XCTAssertEqual(
        q.map(\.bitPattern), refresh.softAssignment(of: 0..<n).elements.map(\.bitPattern),
        "\(isSparse)")
    }
  }
}
