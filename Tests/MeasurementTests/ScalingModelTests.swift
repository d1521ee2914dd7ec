import FoundationEssentials
import XCTest

@testable import Measurement

final class ScalingModelTests: XCTestCase {
  private let network = ScalingModel.Network(latency: 1e-4, bandwidth: 1e9 / 8)

  func testAnAllReduceIsARingOrADoubling() {
    // A ring of four hosts sends 2 · 3/4 of the 9.08 MB over each link: 109 ms at 1 Gbit/s.
    XCTAssertEqual(network.allReduce(bytes: 9.08e6, ranks: 4), 0.1096, accuracy: 1e-4)
    XCTAssertEqual(network.allReduce(bytes: 9.08e6, ranks: 2), 0.0727, accuracy: 2e-4)
    // Few bytes: recursive doubling, with log2(ranks) messages, rounded up.
    XCTAssertEqual(network.allReduce(bytes: 4, ranks: 8), 3e-4, accuracy: 1e-6)
    XCTAssertEqual(network.allReduce(bytes: 4, ranks: 5), 3e-4, accuracy: 1e-6)
    XCTAssertEqual(network.allReduce(bytes: 9e6, ranks: 1), 0)
  }

  func testAStepIsComputingAndWhatItDoesNotHide() {
    let step = ScalingModel.Step(fixed: 0.01, row: 0.001, messages: [9.08e6, 4], hiding: 0.5)
    var model = ScalingModel(
      finetuning: step, clustering: step, document: 1e-5, sum: 1e-9, clusters: 4, tile: 64,
      batchSize: 256, ranksPerHost: 1, network: network)
    XCTAssertEqual(model.seconds(step, ranks: 1), 0.266, accuracy: 1e-9)
    // The ring takes 109.6 ms and the message of four bytes 0.2; half the time of 64 rows, 32 ms,
    // overlaps with them.
    XCTAssertEqual(model.seconds(step, ranks: 4), 0.01 + 0.064 + 0.0778, accuracy: 1e-4)
    // The two ranks of a host share the update, and add half of each other's gradient; the ring of
    // two hosts takes 72.7 ms, four bytes 0.1.
    model.ranksPerHost = 2
    XCTAssertEqual(
      model.seconds(step, ranks: 4), 0.005 + 0.064 + 0.00454 + 0.0408, accuracy: 2e-4)
    XCTAssertEqual(model.seconds(step, ranks: 2), 0.005 + 0.128 + 0.00454, accuracy: 1e-4)
    XCTAssertEqual([1, 3, 4, 100].map { model.rows(ranks: $0) }, [256, 128, 64, 64])
    model.tile = 1
    XCTAssertEqual([1, 3, 100].map { model.rows(ranks: $0) }, [256, 86, 3])
    XCTAssertEqual(model.refreshSeconds(documents: 1_000_000, ranks: 4), 2.5, accuracy: 0.01)
  }

  func testItsKeysAreInLowerCase() throws {
    let step = ScalingModel.Step(fixed: 0.01, row: 0.001, messages: [4], hiding: 0.5)
    let model = ScalingModel(
      finetuning: step, clustering: step, document: 1e-5, sum: 1e-9, clusters: 4, tile: 64,
      batchSize: 256, ranksPerHost: 1, network: network)
    let json = String(decoding: try JSONEncoder().encode(model), as: UTF8.self)
    XCTAssertEqual(json, json.lowercased())
    XCTAssert(json.contains("\"ranks_per_host\""), json)
  }
}
