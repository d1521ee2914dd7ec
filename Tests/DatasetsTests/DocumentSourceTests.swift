import Diagnostics
import Glibc
import TestSupport
import XCTest

@testable import Datasets

final class DocumentSourceTests: FolderTestCase {
  private func documents(_ batch: TextBatch) -> [[String]] {
    (0..<batch.count).map { i in
      let place = batch.place(of: i)
      return [place.id, place.text].map { String(decoding: batch.bytes[$0], as: UTF8.self) }
    }
  }

  private func all(
    _ inputs: [String], areTokenFiles: Bool = false, reader: TextReader = TextReader(),
    batch: Int = 2
  ) throws -> [[String]] {
    let files = try DocumentFiles(inputs, reader: reader, areTokenFiles: areTokenFiles)
    var found: [[String]] = []
    while true {
      let next = try files.next(upTo: batch)
      XCTAssertLessThanOrEqual(next.count, batch)
      if next.count == 0 { return found }
      found += documents(next)
    }
  }

  // MARK: Files

  func testJSONLinesThenATable() throws {
    let json = try file(
      "a.jsonl", "{\"text\":\"oil\",\"id\":7}\n\n{\"text\":\"a\\nb\",\"x\":[1]}\n")
    let table = try file("b.csv", "text,id\n\"say \"\"x\"\", or\ny\",\"i\tj\"\ngas,\n")
    XCTAssertEqual(
      try all([json, table]),
      [["7", "oil"], ["1", "a\nb"], ["i j", "say \"x\", or\ny"], ["", "gas"]])
    var reader = TextReader()
    reader.textColumn = "id"
    XCTAssertEqual(try all([table], reader: reader).map { $0[1] }, ["i\tj", ""])
  }

  func testFoldersAndTexts() throws {
    for name in ["x", "x/a", "x/b"] { mkdir("\(folder)/\(name)", 0o755) }
    _ = try file("x/b/2.txt", "two\nlines")
    _ = try file("x/a/1", "one\n")
    _ = try file("x/.hidden", "no")
    let single = try file("t.txt", "")
    XCTAssertEqual(
      try all(["\(folder)/x", single]),
      [["a/1", "one"], ["b/2.txt", "two\nlines"], ["t.txt", ""]])
  }

  func testTokenFiles() throws {
    let path = try file("t.dat", ".I 7\n.W\noil oil\n price\n\n.I 8\n.W\n.I 9\n.W \nbank")
    XCTAssertEqual(
      try all([path], areTokenFiles: true),
      [["7", "oil oil\n price\n"], ["8", ""], ["9", "bank"]])
  }

  func testBadFiles() throws {
    for (name, text, part) in [
      ("a.jsonl", "{\"text\":\"x\"}\n{\"text\":\n", "line 2"),
      ("b.jsonl", "{\"id\":1}\n", "line 1"),
      ("c.csv", "id,body\n1,x\n", "line 1"), ("d.csv", "text,id\nx\n", "line 2"),
      ("e.csv", "text\n\"x\n", "line 2"), ("f.csv", "", "empty"), ("g.dat", "oil\n", "line 1"),
      ("h.dat", ".I 1\n.I 2\n.W\n", "line 1"), ("i.dat", ".I 1\n", "line 1"),
      ("j.dat", ".I 1\n.W\n.W\n", "line 3"), ("k.dat", ".I\n.W\n", "line 1"),
    ] {
      let path = try file(name, text)
      XCTAssertThrowsError(try all([path], areTokenFiles: true), name) {
        XCTAssertEqual(($0 as? Failure)?.exitCode, 65, "\($0)")
        XCTAssert("\($0)".contains(path) && "\($0)".contains(part), "\($0)")
      }
    }
    let unknown = try file("x.pdf", "")
    XCTAssertThrowsError(try all([unknown])) { XCTAssertEqual(($0 as? Failure)?.exitCode, 65) }
    XCTAssertThrowsError(try all(["\(folder)/nowhere.txt"])) {
      XCTAssertEqual(($0 as? Failure)?.exitCode, 1)
    }
  }

  // MARK: Pipes

  /// What `next` gives while the writer holds the pipe open.
  func testAPipeHandsOnWhatHasCome() throws {
    var ends: [Int32] = [0, 0]
    XCTAssertEqual(pipe(&ends), 0)
    let stream = LineStream(descriptor: ends[0], name: "pipe", wait: 0.02)
    func send(_ text: String) {
      var text = text
      text.withUTF8 { XCTAssertEqual(write(ends[1], $0.baseAddress, $0.count), $0.count) }
    }
    send("one\r\n\ntw")
    XCTAssertEqual(documents(try stream.next(upTo: 10)), [["0", "one"], ["1", ""]])
    send("o\nthree\nfour\nfi")
    XCTAssertEqual(documents(try stream.next(upTo: 2)), [["2", "two"], ["3", "three"]])
    XCTAssertEqual(documents(try stream.next(upTo: 2)), [["4", "four"]])
    send("ve")
    close(ends[1])
    XCTAssertEqual(documents(try stream.next(upTo: 10)), [["5", "five"]])
    XCTAssertEqual(try stream.next(upTo: 10).count, 0)
    close(ends[0])
  }

  func testLongLinesAndGzip() throws {
    func stream(_ bytes: [UInt8], lineLimit: Int) throws -> (LineStream, Int32) {
      let path = "\(folder)/lines"
      try WholeFile.write(bytes, to: path)
      let descriptor = open(path, O_RDONLY)
      return (LineStream(descriptor: descriptor, name: "lines", lineLimit: lineLimit), descriptor)
    }
    let long = [UInt8](repeating: 0x61, count: 5 << 20)
    let (fits, first) = try stream(long + [0x0a, 0x62], lineLimit: 8 << 20)
    let batch = try fits.next(upTo: 10)
    XCTAssertEqual(batch.ends, [1, 1 + (5 << 20), 2 + (5 << 20), 3 + (5 << 20)])
    let (tooLong, second) = try stream(long, lineLimit: 4 << 20)
    let (gzipped, third) = try stream([0x1f, 0x8b, 8, 0], lineLimit: 1 << 28)
    for stream in [tooLong, gzipped] {
      XCTAssertThrowsError(try stream.next(upTo: 10)) {
        XCTAssertEqual(($0 as? Failure)?.exitCode, 65, "\($0)")
      }
    }
    for descriptor in [first, second, third] { close(descriptor) }
  }
}
