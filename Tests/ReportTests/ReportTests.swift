import Datasets
import Diagnostics
import Foundation
import TestSupport
import XCTest

@testable import Report

/// Reports of small run folders.
final class ReportTests: XCTestCase {
  private var root = ""

  override func setUpWithError() throws {
    root = NSTemporaryDirectory() + "report-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
  }

  override func tearDown() { try? FileManager.default.removeItem(atPath: root) }

  /// Eight documents in three clusters, the last of which is empty.
  private static let assignments: [Int32] = [0, 1, 0, 1, 0, 0, 1, 0]

  /// A dataset of eight documents about ships or wheat; the last has no label.
  private func writeDataset() throws -> DatasetInfo {
    let counts = TermCounts(TextSettings())
    var corpus = Corpus()
    corpus.classNames = ["sea & ships", "<farms>"]
    for (i, cluster) in Self.assignments.enumerated() {
      counts.add(cluster == 0 ? "ships harbour ships trade" : "wheat farmer trade")
      counts.endDocument()
      corpus.ids.append("<doc-\(i)>")
      corpus.labels.append(i == 7 ? -1 : cluster)
    }
    return try DatasetWriter(
      output: "\(root)/data", replacing: false, seed: nil, limit: nil, source: "test"
    ).write(corpus, counts)
  }

  private func write(_ text: String, to name: String) throws {
    try WholeFile.write(Array(text.utf8), to: "\(root)/\(name)")
  }

  private func writeMatrix(_ name: String, _ values: [Float], columns: Int) throws {
    try NPYWriter.create(
      path: "\(root)/\(name)", shape: [values.count / columns, columns], type: .float32
    ).write(values, atRow: 0)
  }

  private func writeRun(fingerprint: String) throws {
    try write(
      """
      {"format": "dec-run", "command": "train", "preset": "default", "ranks": 2, "threads": 1,
       "settings": {"tolerance": 0.001, "layers": [500, 10]}, "versions": {"dec": "0.1.0"},
       "dataset": {"path": "\(root)/data", "fingerprint": "\(fingerprint)", "samples": 8},
       "outcome": {"status": "finished", "stopped_by": "tolerance", "iterations": 40,
         "phases": [{"phase": "kl", "seconds": 2.5, "iterations": 40, "loss": 0.1}]}}
      """, to: "run.json")
    try write(
      """
      {"phase": "finetune", "iteration": 50, "loss": 0.5}
      {"phase": "kl", "iteration": 20, "loss": 0.2, "label_change": 0.1, "warning": "a <warning>"}
      {"phase": "kl", "iteration": 40, "loss": 0.1, "label_change": 0.0
      """, to: "metrics.jsonl")
    for name in ["assignments.npy", "initial_assignments.npy"] {
      try NPYWriter.create(path: "\(root)/\(name)", shape: [8], type: .int32)
        .write(Self.assignments, atRow: 0)
    }
    // Document 4 is the surest of cluster 0; 5 and 7 are as sure as each other, 7 is closer.
    let sure: [Float] = [0.6, 0.7, 0.6, 0.8, 0.95, 0.9, 0.9, 0.9]
    let q = zip(Self.assignments, sure).flatMap { cluster, sure in
      (0..<3).map { $0 == Int(cluster) ? sure : (1 - sure) / 2 }
    }
    try writeMatrix("soft_assignment.npy", q, columns: 3)
    let z: [Float] = [0, 0, 5, 5, 0, 1, 5, 6, 0, 2, 4, 4, 6, 5, 1, 1]
    try writeMatrix("embedding.npy", z, columns: 2)
    let lines = Self.assignments.indices.map { "<doc-\($0)>\t\(Self.assignments[$0])\t0.9\t0.8\n" }
    try write("id\tcluster\tprobability\tmargin\n" + lines.joined(), to: "assignments.tsv")
  }

  func testTheReportOfARun() throws {
    try writeRun(fingerprint: try writeDataset().fingerprint)
    let report = try Report(run: root)
    XCTAssertEqual(report.clusters?.sizes, [5, 3, 0])
    XCTAssertEqual(report.scores?.acc, 1)
    XCTAssertEqual(
      report.clusters?.representatives.map { $0.map(\.document) }, [[4, 7, 5], [6, 3, 1], []])
    // "trade" is in all documents, but weighs more in the shorter ones.
    XCTAssertEqual(report.terms?[1], ["farmer", "wheat", "trade"])
    XCTAssertEqual(report.terms?[2], [])

    try report.write()
    let html = try String(contentsOfFile: "\(root)/report.html", encoding: .utf8)
    for text in [
      "3 clusters of data", "</span> 5</td>", "</span> 3</td>", "62.5\u{a0}%", "sea &amp; ships",
      "&lt;farms&gt;", "&lt;doc-4&gt;, &lt;doc-7&gt;, &lt;doc-5&gt;", "a &lt;warning&gt;",
      "1 of the 3 clusters hold", "7 labelled documents", "500, 10", "tolerance 0.1 %",
    ] {
      XCTAssert(html.contains(text), "no “\(text)”")
    }
    for text in ["<doc", "<farms", "<script", "http:", "https:", "nan", "NaN"] {
      XCTAssertFalse(html.contains(text), "has “\(text)”")
    }
    XCTAssertNoThrow(try TagCheck.check(html))
  }

  func testWithoutTheDataset() throws {
    try writeRun(fingerprint: "0")
    for _ in 0..<2 {  // gone, then another
      let report = try Report(run: root)
      XCTAssertNil(report.scores)
      XCTAssertNil(report.terms)
      XCTAssert(report.html.contains("is gone or has changed since"))
      XCTAssert(report.html.contains("</span> 5</td>"))
      _ = try? writeDataset()
    }
  }

  func testAnEmptyRecordIsEnough() throws {
    try write("{}", to: "run.json")
    let report = try Report(run: root)
    XCTAssertNil(report.clusters)
    XCTAssert(report.html.contains("There are no clusters"))
  }

  func testWhatIsNoRun() throws {
    XCTAssertThrowsError(try Report(run: "\(root)/missing")) {
      XCTAssertEqual(($0 as? Failure)?.kind, .work)
      XCTAssert("\($0)".contains("does not exist"), "\($0)")
    }
    XCTAssertThrowsError(try Report(run: root)) {
      XCTAssert("\($0)".contains("has no run.json"), "\($0)")
    }
    try write("{\"format\": ", to: "run.json")
    XCTAssertThrowsError(try Report(run: root)) {
      XCTAssertEqual(($0 as? Failure)?.kind, .badInput)
    }
    try writeRun(fingerprint: "0")
    try writeMatrix("embedding.npy", [1, 2, 3, 4], columns: 2)
    XCTAssertThrowsError(try Report(run: root)) {
      XCTAssertEqual(($0 as? Failure)?.kind, .badInput)
      XCTAssert("\($0)".contains("has 2 rows for 8 documents"), "\($0)")
    }
  }
}

/// Every tag that opens closes, in order: what browsers mend silently.
private enum TagCheck {
  struct Unbalanced: Error {
    var tag: String
  }

  static func check(_ html: String) throws {
    var open: [Substring] = []
    for piece in html.split(separator: "<").dropFirst() {
      let tag = piece.prefix { $0 != ">" }
      let isAlone = tag.hasPrefix("!") || tag.hasPrefix("meta") || tag == "br"
      if isAlone || tag.hasSuffix("/") { continue }
      if tag.hasPrefix("/") {
        guard open.popLast() == tag.dropFirst() else { throw Unbalanced(tag: String(tag)) }
      } else {
        open.append(tag.prefix { $0 != " " })
      }
    }
    if let tag = open.last { throw Unbalanced(tag: String(tag)) }
  }
}
