import XCTest

@testable import dec

final class KernelsTests: XCTestCase {
  func testWeakKernelsGiveWayToWhatTheCPUHas() {
    XCTAssertEqual(Kernels.better(than: "Prescott", hasAVX2: true, hasAVX512: true), "SkylakeX")
    XCTAssertEqual(Kernels.better(than: "Prescott", hasAVX2: true, hasAVX512: false), "Haswell")
    XCTAssertNil(Kernels.better(than: "Prescott", hasAVX2: false, hasAVX512: false))
    XCTAssertNil(Kernels.better(than: "Zen", hasAVX2: true, hasAVX512: true))
    XCTAssertNil(Kernels.better(than: "SkylakeX", hasAVX2: true, hasAVX512: true))
  }
}
