import CAllocationCount
import Collectives
import DenseMath
import TestSupport
import XCTest

@testable import DeepClustering

/// Steps after the first reuse their memory: nothing of the size of a minibatch's layer or of a
/// gradient is allocated. (Debug builds, where tests run, allocate small things for themselves.)
final class AllocationTests: XCTestCase {
  func testTheCountSeesAMatrix() {
    let before = allocation_count()
    var matrix = Matrix(rows: 64, columns: 100)
    matrix[0, 0] = 1
    XCTAssertEqual(allocation_count() - before, 1, "\(matrix[0, 0])")
  }

  func testStepsOfPretraining() throws {
    for (optimizer, reproducible) in [(OptimizerKind.sgd, false), (.adam, true)] {
      var parameters = PretrainingParameters()
      parameters.layers = [100, 80, 10]
      parameters.batchSize = 64
      parameters.optimizer = optimizer
      parameters.isReproducible = reproducible
      parameters.layerwiseIterations = 150
      parameters.finetuneIterations = 150
      let rows = sparseDocuments(256, features: 90)
      var counts: [String: [Int]] = [:]
      let watch = EventObserver {
        counts[$0.progress.phase.name, default: []].append(allocation_count())
      }
      _ = try Pretraining(parameters).fit(to: rows.data, observers: [watch])
      XCTAssertEqual(counts.count, 4)
      // Events come every 50 steps.
      for (phase, counts) in counts {
        XCTAssertEqual(counts[2] - counts[1], 0, "\(phase), reproducible \(reproducible)")
      }
    }
  }

  func testStepsOfTheKLPhase() throws {
    for reproducible in [false, true] {
      let rows = sparseDocuments(256, features: 90)
      let start = Autoencoder(
        inputs: 90, widths: [100, 80, 10], initialization: .glorot, seed: 1
      ).encoder
      /// Between the second and the third refresh.
      func count(interval: Int) throws -> Int {
        var (encoder, mu) = (start, normalMatrix(4, 10, seed: 2))
        var parameters = ClusteringParameters(clusterCount: 4)
        parameters.batchSize = 64
        parameters.isReproducible = reproducible
        parameters.targetUpdateInterval = interval
        parameters.maxIterations = 2 * interval
        parameters.labelChangeTolerance = 0
        var counts: [Int] = []
        let watch = EventObserver { _ in counts.append(allocation_count()) }
        _ = try ClusteringPhase(parameters).fit(&encoder, &mu, to: rows.data, observers: [watch])
        return counts[2] - counts[1]
      }
      XCTAssertEqual(
        try count(interval: 60), try count(interval: 10), "reproducible \(reproducible)")
    }
  }
}
