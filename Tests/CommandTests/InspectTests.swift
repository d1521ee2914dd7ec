import XCTest

final class InspectTests: CommandTestCase {
  /// Its first layer alone would take 4 GB: memory is estimated, times are not measured.
  func testANetworkTooLargeToMeasureIsNotBuilt() throws {
    try write("wide.svm", "1 1:1 7:2\n2 3:1 1440446649:1\n")
    XCTAssertEqual(try dec("prepare svmlight wide.svm --output data").code, 0)
    let result = try shell("ulimit -v 8000000; dec inspect data --ranks 1")
    XCTAssertEqual(result.code, 0, result.all)
    XCTAssert(result.output.contains("features      1440446649"), result.output)
    XCTAssert(result.output.contains("too large to be timed"), result.output)
  }
}
