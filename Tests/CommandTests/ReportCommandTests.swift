import XCTest

/// `dec report` and what of it a run leaves, end to end.
final class ReportCommandTests: CommandTestCase {
  /// 60 texts about ships or wheat, and as many embeddings of two kinds.
  private func prepare() throws {
    let rows = (0..<60).map { i in
      "\"\(i % 2 == 0 ? "The ships sailed \(i)" : "Farmers harvesting wheat \(i)")\",\(1990 + i % 3)\n"
    }
    try write("t.csv", "text,year\n" + rows.joined())
    let data = try dec("prepare text t.csv --keep-text 9 --output data --quiet")
    XCTAssertEqual(data.code, 0, data.all)
    XCTAssertEqual(
      try read("data/openings.txt").split(separator: "\n").prefix(2), ["The ships", "Farmers h"])
  }

  func testTheClustersOfARunHaveNamesAndAReportOverAColumn() throws {
    try prepare()
    let run = try dec(
      "train data --clusters 2 --output run --layers 8,2 --batch-size 16 --layerwise-iterations 5 "
        + "--finetune-iterations 60 --max-iterations 20 --restarts 2 --trials 1", ranks: 2)
    XCTAssertEqual(run.code, 0, run.all)
    let topics = try read("run/topics.tsv").split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
    XCTAssertEqual(topics.count, 3)
    XCTAssertEqual(topics[0], ["cluster", "size", "name", "terms", "examples"])
    XCTAssertEqual(topics[1...].reduce(0) { $0 + Int($1[1])! }, 60)
    // Names are words, not stems, and the run prints them.
    for topic in topics[1...] where Int(topic[1])! > 0 {
      XCTAssert(run.output.contains(topic[2]), run.output)
      XCTAssertFalse(topic[3].contains("harvest,"), topic[3])
    }
    XCTAssert(run.output.contains("dec assign run new.txt"), run.output)

    let plain = try read("run/report.html")
    XCTAssert(plain.contains("Farmers h…") || plain.contains("Farmers h "), "no opening")
    XCTAssertFalse(plain.contains("id=\"over\""))
    let report = try dec("report run --over year")
    XCTAssertEqual(report.code, 0, report.all)
    let page = try read("run/report.html")
    for text in ["id=\"over\"", "<th>1990</th>", "<th>1992</th>"] {
      XCTAssert(page.contains(text), text)
    }
    assertRefused(
      try dec("report run --over colour"), 65, "has no column \"colour\" among text, year")
    try write("few.txt", "one\ntwo\n")
    assertRefused(try dec("report run --texts few.txt"), 65, "has 2 texts for the 60 documents")
  }
}
