import Foundation
import Glibc
import TestSupport
import XCTest

@testable import Datasets

/// Mutated text in every format; see `Fuzz`.
final class FuzzTextTests: XCTestCase {
  private func run(_ name: String, _ file: String, _ texts: [String], words: [String]) throws {
    try Fuzz.run(name, file, good: texts.map { Array($0.utf8) }, words: words) {
      let counts = TermCounts(TextSettings())
      let corpus = try TextReader().read([$0], into: counts)
      XCTAssertEqual(corpus.labels.count, corpus.count)
      _ = TfIdf(counts)
    }
  }

  func testJSONLines() throws {
    try run(
      "jsonl", "t.jsonl",
      [
        "{\"id\": 5, \"text\": \"oil \\u00e4 \\ud83d\\ude00\", \"label\": \"b\"}\n{\"text\": \"gas\"}\n",
        "{\"text\": \"a b c\", \"label\": null, \"id\": 1.5e3}\n\n{\"text\":\"\"}",
      ],
      words: ["{", "}", "[", "\"", "\\", "\\u", "\\ud800", "null", "1e999", "\n", ":", ","])
  }

  func testTables() throws {
    let table = "id,text,label\n1,\"oil, \"\"gas\"\"\nand coal\",x\n2,bank,\n3,\u{e9}t\u{e9},y\r\n"
    try run("csv", "t.csv", [table], words: ["\"", ",", "\n", "\r\n", "\"\"", "\u{e9}"])
    try run(
      "tsv", "t.tsv", [table.replacingOccurrences(of: ",", with: "\t")],
      words: ["\"", "\t", "\n", "\r\n"])
  }

  func testLYRL2004() throws {
    let tokens = Array(
      ".I 7\n.W\noil oil\n price\n\n.I 8\n.W\nvote \u{e4}\n\n.I 9\n.W\nbank\n".utf8)
    let topics = Array("CCAT 7 1\nC11 7 1\nCCAT 8 1\nGCAT 8 1\nGCAT 9 1\n".utf8)
    for isTopics in [false, true] {
      try Fuzz.run(
        "lyrl2004-\(isTopics)", "x", good: [isTopics ? topics : tokens],
        words: [".I", ".W", ".I ", ".W ", "\n", " ", "\r\n", "CCAT", "GCAT"]
      ) { path in
        let other = path + "-other"
        if !WholeFile.exists(other) { try File.write(isTopics ? tokens : topics, to: other) }
        let counts = TermCounts(TextSettings())
        let reader = LYRL2004Reader(roots: ["CCAT", "GCAT"], keepsUnlabelled: true)
        let corpus = try reader.read(
          [isTopics ? other : path], topics: isTopics ? path : other, into: counts)
        XCTAssertEqual(corpus.labels.count, corpus.count)
        _ = TfIdf(counts)
      }
    }
  }

  func testAFolderOfFiles() throws {
    try Fuzz.run(
      "folder", "t.txt", good: [Array("Oil prices, \u{e4}\u{df} \u{1f600} x_1\n\nend".utf8)],
      words: ["\u{c0}", "\u{130}", "e\u{301}", "\0"]
    ) { path in
      let folder = String(path.dropLast("/t.txt".count))
      let counts = TermCounts(TextSettings())
      let corpus = try TextReader().read([folder], into: counts)
      XCTAssertEqual(corpus.count, 1)
      _ = TfIdf(counts)
    }
  }
}
