import Foundation
import XCTest

@testable import Charts

/// Ranges over settings, and pictures inside a page.
final class RangeChartTests: XCTestCase {
  func testEveryValueIsADotBetweenTheEndsOfItsBar() throws {
    let chart = RangeChart(
      title: "a < b",
      rows: [
        .init(name: "DEC", values: [80, 84, 82], reference: 84.3),
        .init(name: "k-means", values: [53], reference: nil),
        .init(name: "refused", values: [], reference: 70),
      ], xLabel: "ACC, %", legend: ("a setting", "the paper"))
    let svg = try XCTUnwrap(chart.svg)
    // One for each value, and one in the legend.
    XCTAssertEqual(svg.components(separatedBy: "<circle").count - 1, 5)
    XCTAssertEqual(svg.components(separatedBy: "l5 5l-5 5l-5-5z").count - 1, 3)
    XCTAssert(svg.contains("80.0–84.0"), svg)
    XCTAssert(svg.contains("a &lt; b"), svg)
    let numbers = { (pattern: Regex<(Substring, Substring)>) in
      svg.matches(of: pattern).compactMap { Double($0.1) }
    }
    let dots = numbers(/cx="([0-9.]+)" cy="[0-9.]+" r="3.5" fill="#0072b2"/)
    let bar = try XCTUnwrap(
      svg.firstMatch(of: /stroke="#0072b2"[^>]*d="M([0-9.]+) [0-9.]+H([0-9.]+)"/))
    XCTAssertEqual(dots.count, 3)
    XCTAssertEqual(dots.min(), Double(bar.1))
    XCTAssertEqual(dots.max(), Double(bar.2))
    // 82 lies halfway between 80 and 84.
    XCTAssertEqual(dots[2], (dots[0] + dots[1]) / 2, accuracy: 0.06)
  }

  func testNothingToDraw() {
    let chart = RangeChart(
      title: "", rows: [.init(name: "x", values: [], reference: 3)], xLabel: "", legend: ("", ""))
    XCTAssertNil(chart.svg)
  }

  /// Two pictures of 2 x 1 pixels, with a gap.
  func testABitmapHoldsItsPixels() throws {
    var bitmap = Bitmap(width: 5, height: 1)
    bitmap.draw([10, 20], width: 2, atColumn: 0)
    bitmap.draw([30, 40], width: 2, atColumn: 3)
    let html = bitmap.html(alternative: "x")
    let expected = PNG(.grey, width: 5, height: 1, values: [10, 20, 255, 30, 40])
    XCTAssert(html.contains("src=\"\(expected.uri)\""), html)
    XCTAssert(html.contains("width=\"10\" height=\"2\""), html)
  }
}
