import XCTest

@testable import Report

final class WardTreeTests: XCTestCase {
  /// Expected values are those of scipy 1.17's linkage(points, "ward").
  func testTheHeightsOfScipy() {
    let tree = WardTree([[0, 0], [1, 0.5], [5, 5], [5.5, 4], [9, 0], [0.5, -1.2]])
    let expected = [1.11803399, 1.11803399, 1.67431578, 6.76387463, 11.80522483]
    XCTAssertEqual(tree.merges.count, expected.count)
    for (merge, height) in zip(tree.merges, expected) {
      XCTAssertEqual(merge.height, height, accuracy: 1e-8)
    }
    XCTAssertEqual(Set(tree.merges[0..<2].map { [$0.first, $0.second] }), [[0, 1], [2, 3]])
    // The two halves of the last merge stand together.
    XCTAssertEqual(tree.order.sorted(), Array(0..<6))
    XCTAssertEqual(
      Set([Set(tree.order.prefix(3)), Set(tree.order.suffix(3))]), [[0, 1, 5], [2, 3, 4]])
  }

  func testOnePointOrNone() {
    XCTAssertEqual(WardTree([]).order, [])
    XCTAssertEqual(WardTree([[1, 2]]).order, [0])
    XCTAssertEqual(WardTree([[1], [1]]).merges.map(\.height), [0])
  }
}
