import Datasets
import Diagnostics
import Foundation
import Runs
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
      output: "\(root)/data", replacing: false, source: "test"
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
       "version": 2, "clustering": {"clusters": 3, "tolerance": 0.001},
       "pretraining": {"layers": [500, 10]}, "versions": {"dec": "0.1.0"},
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
      report.clusters?.central.map { $0.map(\.document) }, [[4, 7, 5, 2, 0], [6, 3, 1], []])
    XCTAssertEqual(
      report.clusters?.borderline.map { $0.map(\.document) }, [[0, 2, 5, 7, 4], [1, 3, 6], []])
    XCTAssertEqual(
      report.topics,
      [
        Topic(
          cluster: 0, size: 5, name: "harbour, ships, trade", terms: ["harbour", "ships", "trade"],
          examples: ["<doc-4>", "<doc-7>", "<doc-5>", "<doc-2>", "<doc-0>"]),
        Topic(
          cluster: 1, size: 3, name: "farmer, wheat, trade", terms: ["farmer", "wheat", "trade"],
          examples: ["<doc-6>", "<doc-3>", "<doc-1>"]),
        Topic(cluster: 2, size: 0, name: "cluster 2", terms: [], examples: []),
      ])

    try report.write()
    let html = try String(contentsOfFile: "\(root)/report.html", encoding: .utf8)
    for text in [
      "3 clusters of data", "5 documents, 62.5\u{a0}%", "mostly sea &amp; ships, 100.0\u{a0}%",
      "&lt;farms&gt;", "&lt;doc-4&gt; · 0.95", "a &lt;warning&gt;",
      "<output id=\"lambda\">0.6</output>",
      "1 of the 3 clusters hold", "7 labelled documents", "500, 10", "tolerance 0.1 %",
    ] {
      XCTAssert(html.contains(text), "no “\(text)”")
    }
    for text in ["<doc", "<farms", "http:", "https:", "src=\"/", "nan", "NaN"] {
      // The script names the space of SVG's elements, and fetches nothing from there.
      XCTAssertFalse(
        html.replacingOccurrences(of: "http://www.w3.org/2000/svg", with: "").contains(text),
        "has “\(text)”")
    }
    XCTAssertNoThrow(try TagCheck.check(html))
    let lines = try String(contentsOfFile: "\(root)/topics.tsv", encoding: .utf8)
    XCTAssertEqual(
      lines.split(separator: "\n").prefix(2).joined(separator: "\n"),
      "cluster\tsize\tname\tterms\texamples\n"
        + "0\t5\tharbour, ships, trade\tharbour, ships, trade\t"
        + "<doc-4>; <doc-7>; <doc-5>; <doc-2>; <doc-0>")
  }

  func testWithoutTheDataset() throws {
    try writeRun(fingerprint: "0")
    for _ in 0..<2 {  // gone, then another
      let report = try Report(run: root)
      XCTAssertNil(report.scores)
      XCTAssertNil(report.terms)
      XCTAssert(report.html.contains("is gone or has changed since"))
      XCTAssert(report.html.contains("5 documents, 62.5\u{a0}%"))
      XCTAssertEqual(report.topics.map(\.name), ["cluster 0", "cluster 1", "cluster 2"])
      _ = try? writeDataset()
    }
    // Names that an earlier report found are kept.
    try write(
      "cluster\tsize\tname\tterms\texamples\n0\t5\tships\tships\ta; b\n1\t3\twheat\t\t\n2\t0\tx\t\t\n",
      to: "topics.tsv")
    XCTAssertEqual(try Report(run: root).topics.map(\.name), ["ships", "wheat", "x"])
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
      if open.last == "script", tag != "/script" { throw Unbalanced(tag: "script with <\(tag)") }
      let isAlone = ["!", "meta", "br", "input"].contains { tag.hasPrefix($0) }
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
