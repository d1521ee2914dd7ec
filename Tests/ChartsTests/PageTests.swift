import Diagnostics
import XCTest

@testable import Charts

/// The parts of the report's page.
final class PageTests: XCTestCase {
  func testTicksStandAtRoundNumbers() {
    let axis = Axis([0.13, 0.98], count: 4)
    XCTAssertEqual(axis.ticks.map(axis.label), ["0.0", "0.5", "1.0"])
    XCTAssertEqual(axis.range, 0...1)
    XCTAssertEqual(axis.position(0.5), 0.5)

    let many = Axis([0, 1343], count: 4)
    XCTAssertEqual(many.ticks.map(many.label), ["0", "500", "1,000", "1,500"])
    let negative = Axis([-3.2, 4.9], count: 4)
    XCTAssertEqual(negative.ticks.map(negative.label), ["−5", "0", "5"])
    let small = Axis([0.0021, 0.0058], count: 4)
    XCTAssertEqual(small.ticks.map(small.label), ["0.002", "0.003", "0.004", "0.005", "0.006"])
    let zero = Axis([50, 150], count: 3, zero: true)
    XCTAssertEqual(zero.ticks, [0, 50, 100, 150])
  }

  func testTicksOfALogarithmicAxis() {
    let axis = Axis([0.09, 4, 0], scale: .logarithmic)
    XCTAssertEqual(axis.ticks.map(axis.label), ["0.05", "0.1", "0.2", "0.5", "1", "2", "5"])
    XCTAssertEqual(axis.position(0), 0)
    XCTAssertEqual(axis.position(0.5), 0.5, accuracy: 1e-12)
    let wide = Axis([0.0003, 700], scale: .logarithmic)
    XCTAssertEqual(wide.ticks.first, 0.001)
    XCTAssertEqual(wide.ticks.last, 1000)
    XCTAssertEqual(Axis([0, 0], scale: .logarithmic).scale, .linear)
  }

  func testAnAxisOfOneValueOrNone() {
    for values in [[], [3], [0, 0], [-7.5], [.nan], [1e-30], [1e30]] as [[Double]] {
      let axis = Axis(values)
      XCTAssertGreaterThan(axis.range.upperBound, axis.range.lowerBound)
      XCTAssertFalse(axis.ticks.isEmpty)
      for tick in axis.ticks { XCTAssertFalse(axis.label(tick).isEmpty) }
    }
  }

  func testTextIsEscaped() {
    XCTAssertEqual(
      HTML.escape("<b a=\"1\" b='2'>&\u{1}é\t</b>"),
      "&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;\u{fffd}é &lt;/b&gt;")
  }

  func testNumbers() {
    XCTAssertEqual(Format.fixed(0.6696, 3), "0.670")
    XCTAssertEqual(Format.fixed(-0.0001, 3), "0.000")
    XCTAssertEqual(Format.count(1_234_567), "1,234,567")
    XCTAssertEqual(Format.count(-1000), "-1,000")
    XCTAssertEqual(Format.percent(0.5), "50.0\u{a0}%")
    XCTAssertEqual(Format.percent(0.0009), "0.09\u{a0}%")
    XCTAssertEqual(Format.short(0.09), "0.09")
    XCTAssertEqual(Format.short(20.486), "20.49")
    XCTAssertEqual(Format.short(1.25e-7), "1.25e-7")
    XCTAssertEqual(Format.short(345_678.9), "345,679")
    XCTAssertEqual(Format.time(174), "2 min 54 s")
    XCTAssertEqual(Format.time(3905), "1 h 05 min")
  }

  /// The bytes are those of Python's zlib.compress(b"\\0\\0\\xff", 9) in the chunks of PNG.
  func testAPictureInALine() {
    XCTAssertEqual(
      PNG(.grey, width: 2, height: 1, values: [0, 255]).uri,
      "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAAAAADRSSBWAAAAC0lEQVR42mNg+A8AAQIBANEay48AAAAASUVORK5CYII="
    )
  }

  func testTheScriptsDataCannotEndItsElement() {
    let page = HTML.page(
      title: "t", body: [], data: #"{"a": "</script><!--<script>"}"#, script: "run()")
    XCTAssert(page.contains(#"{"a": "\u003c/script>\u003c!--\u003cscript>"}</script>"#), page)
    XCTAssertFalse(HTML.page(title: "t", body: []).contains("<script"))
  }

  func testNamesOnTheMapCoverNothing() {
    var scatter = PointMap(
      title: "t", points: [(0, 0, 0), (1, 1, 1), (0, 1, 2)], label: "plane")
    scatter.marks = [
      .init(x: 0.5, y: 0.5, number: "7", name: "first"),
      .init(x: 0.5, y: 0.53, number: "8", name: "second"),
      .init(x: 0.5, y: 0.9, number: "9", name: "third"),
    ]
    let svg = scatter.svg
    for text in [">7<", ">8<", ">9<", ">first<", ">third<"] { XCTAssert(svg.contains(text), text) }
    XCTAssertFalse(svg.contains(">second<"))
    for place in scatter.places { XCTAssert((0...560).contains(place.x)) }
  }

  func testAHistogramShowsWhereTheDocumentsAre() {
    var counts = [Int](repeating: 0, count: 200)
    (counts[3], counts[19]) = (5, 7)
    XCTAssertEqual(Histogram(counts: counts).end, 0.1)
    XCTAssertEqual(Histogram(counts: counts).counts[3], 5)
    counts[20] = 1
    let wider = Histogram(counts: counts)
    XCTAssertEqual(wider.end, 0.2)
    XCTAssertEqual(wider.counts[1...10], [5, 0, 0, 0, 0, 0, 0, 0, 7, 1])
  }

  func testChartsLeaveOutWhatIsNoNumber() throws {
    let empty = LineChart(title: "t", series: [.init(name: "a", points: [(1, .nan)])])
    XCTAssertNil(empty.svg)
    let long = LineChart(
      title: "<t>",
      series: [.init(name: "a", points: (0..<100_000).map { (Double($0), Double($0)) })])
    let svg = try XCTUnwrap(long.svg)
    XCTAssertLessThan(svg.utf8.count, 20_000)
    XCTAssert(svg.contains("&lt;t&gt;"))
  }
}
