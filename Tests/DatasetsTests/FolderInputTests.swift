import Diagnostics
import Glibc
import TestSupport
import XCTest

@testable import Datasets

/// Folders as input: parts of a corpus, names, and what does not belong there.
final class FolderInputTests: FolderTestCase {
  private func read(_ reader: TextReader = TextReader()) throws -> Corpus {
    try reader.read([folder], into: TermCounts(TextSettings()))
  }

  private func assertBad(_ parts: String..., line: UInt = #line) {
    XCTAssertThrowsError(try read(), line: line) { error in
      XCTAssertEqual((error as? Failure)?.exitCode, 65, "\(error)", line: line)
      for part in parts { XCTAssert("\(error)".contains(part), "\(error)", line: line) }
    }
  }

  func testPartsAreOneCorpus() throws {
    try file("part-00001.JSONL", "{\"id\":\"c\",\"text\":\"gas\"}\n")
    try file(
      "part-00000.ndjson", "{\"id\":\"a\",\"text\":\"oil\"}\n{\"id\":\"b\",\"text\":\"oil\"}\n")
    try file("part-00002.json", "{\"id\":\"d\",\"text\":\"gas\"}\n")
    XCTAssertEqual(
      system("cd '\(folder)' && gzip part-00002.json && mv part-00002.json.gz part-00002.json.GZ"),
      0)
    for name in ["_SUCCESS", ".part-00000.crc", "part-00000.crc", ".hidden"] { try file(name, "") }
    XCTAssertEqual(try read().ids, ["a", "b", "c", "d"])
    // Every part of a share reads its own, and together they are the whole.
    for parts in 2...4 {
      var ids: [String] = []
      for part in 0..<parts {
        let sink = CorpusSink(TermCounts(TextSettings()))
        try TextReader().source([folder]).read(
          part: part, of: parts, into: sink, progress: ReadingProgress())
        ids += sink.corpus.ids
      }
      XCTAssertEqual(ids, ["a", "b", "c", "d"])
    }
    try file("notes.txt", "gas")
    assertBad("notes.txt", "beside files of records", "part-00000.ndjson")
  }

  func testTablesAreOneCorpus() throws {
    try file("0.csv", "id,text\na,oil\nb,gas\n")
    try file("1.csv", "text,id\ngas,c\n")
    XCTAssertEqual(try read().ids, ["a", "b", "c"])
    mkdir("\(folder)/sub", 0o755)
    assertBad("sub", "beside files of records")
  }

  func testRecordsAreNoDocumentsOfAClass() throws {
    mkdir("\(folder)/a", 0o755)
    try file("a/part.jsonl", "{\"text\":\"oil\"}\n")
    assertBad("a/part.jsonl", "is a file of records")
  }

  func testAFIFOIsNamedAndNeverOpened() throws {
    try file("a.txt", "oil")
    XCTAssertEqual(mkfifo("\(folder)/b.txt", 0o644), 0)
    assertBad("b.txt", "is a FIFO")
  }

  func testNamesThatAreNoUTF8() throws {
    XCTAssertEqual(
      system(
        "cd '\(folder)' && mkdir $(printf 'c\\351') && echo oil > $(printf 'c\\351/caf\\351.txt')"),
      0)
    try file("c\u{e9}.txt", "gas")
    let corpus = try read()
    XCTAssertEqual(corpus.ids, ["c\u{e9}.txt", "c\u{fffd}/caf\u{fffd}.txt"])
    XCTAssertEqual(corpus.classNames, ["c\u{fffd}"])
    let argument = "\(folder)/".utf8.map { CChar(bitPattern: $0) } + [0x63, -23, 0]
    let path = argument.withUnsafeBufferPointer { PathName.argument($0.baseAddress!) }
    let inside = try TextReader().read([path], into: TermCounts(TextSettings()))
    XCTAssertEqual(inside.ids, ["caf\u{fffd}.txt"])
    XCTAssertEqual(PathName.shown(path), "\(folder)/c\u{fffd}")
    XCTAssertEqual(Failure.io(path, "x").message, "\(folder)/c\u{fffd}: x")
    // A real name that has the scalar of an escape stays itself.
    let scalar = "\u{10ffe9}"
    XCTAssertEqual(
      scalar.withCString { PathName.withBytes(of: PathName.string($0)) { strlen($0) } }, 4)
  }

  func testALineADocument() throws {
    mkdir("\(folder)/a", 0o755)
    try file("a/x.txt", "oil\n\ngas\r\n")
    var reader = TextReader()
    XCTAssertEqual(try read(reader).ids, ["a/x.txt"])
    let path = "\(folder)/a/x.txt"
    XCTAssert(
      try XCTUnwrap(reader.note(on: [folder, path])).contains("x.txt is read as one document"))
    XCTAssertNil(reader.note(on: [folder]))
    reader.readsLines = true
    XCTAssertNil(reader.note(on: [path]))
    let corpus = try read(reader)
    XCTAssertEqual(corpus.ids, ["0", "1", "2"])
    XCTAssertEqual(corpus.labels, [0, 0, 0])
    let long = (0..<1000).map { "line \($0)\n" }.joined()
    try file("a/x.txt", long)
    for parts in 1...4 {
      var count = 0
      for part in 0..<parts {
        let sink = CorpusSink(TermCounts(TextSettings()))
        try reader.source([path]).read(
          part: part, of: parts, into: sink, progress: ReadingProgress())
        count += sink.corpus.count
      }
      XCTAssertEqual(count, 1000)
    }
  }
}
