import XCTest

@testable import Measurement

final class MemoryTests: XCTestCase {
  func testAnEstimateByHand() {
    let estimate = MemoryEstimate(samples: 10, features: 20, layers: [6, 3])
    // Encoder 20·6 + 6 + 6·3 + 3, decoder 3·6 + 6 + 6·20 + 20.
    XCTAssertEqual(estimate.parameterBytes, 4 * (147 + 164))
    XCTAssertEqual(estimate.resultBytes, 4 * (10 * (6 + 4) + 20 * 10))
    // Four ranks on two hosts: a gradient, and half of the weights and two moments.
    XCTAssertEqual(
      estimate.bytes(moments: 2, ranks: 4, ranksPerHost: 2), 120e6 + 2.5 * 1244 + 300)
  }

  func testAnyNumberOfFeaturesIsEstimated() {
    let wide = MemoryEstimate(
      samples: 1 << 39, features: Int(Int32.max), layers: [1 << 20, 1 << 20])
    XCTAssert(wide.parameterBytes > 1e16 && wide.parameterBytes.isFinite)
    XCTAssertFalse(wide.isQuicklyMeasured)
  }

  func testMemoryOfAHostIsRead() {
    let lines = ["MemTotal:  100 kB", "MemAvailable:    70 kB", "SwapFree:   2 kB"]
    XCTAssertEqual(AvailableMemory.bytes(meminfo: lines), 72 * 1024)
    XCTAssertNil(AvailableMemory.bytes(meminfo: ["MemTotal: 100 kB"]))
    XCTAssertGreaterThan(AvailableMemory.bytes ?? 0, 1e6)
  }
}
