import Diagnostics
import Glibc
import TestSupport
import Text
import XCTest

@testable import Datasets

/// Text as other programs write it: encodings, records, names.
final class TextInputTests: FolderTestCase {
  private func read(
    _ inputs: [String], _ reader: TextReader = TextReader()
  ) throws -> (corpus: Corpus, rowStarts: [Int]) {
    let counts = TermCounts(TextSettings())
    let corpus = try reader.read(inputs, into: counts)
    return (corpus, counts.rowStarts)
  }

  // MARK: Tables

  func testAQuoteOpensAFieldOnlyAsItsFirstCharacter() throws {
    for (name, separator) in [("t.csv", ","), ("t.tsv", "\t")] {
      let rows = [
        ["id", "text", "label"], ["1", "monitor 24\" wide", "x"], ["2", "ship", "y"],
        ["3", "disk 3.5\" floppy", "x"], ["4", "\"wheat\" soil\"", "y"],
      ]
      let path = try file(name, rows.map { $0.joined(separator: separator) + "\n" }.joined())
      let (corpus, rowStarts) = try read([path])
      XCTAssertEqual(corpus.ids, ["1", "2", "3", "4"])
      XCTAssertEqual(corpus.labels, [0, 1, 0, 1])
      XCTAssertEqual(rowStarts, [0, 3, 4, 6, 8])
    }
  }

  func testDoubledColumns() throws {
    let path = try file("t.csv", "text,text,x,x\noil,gas,1,2\n")
    assertBad(path, "line 1", "two columns \"text\"") { _ = try read([path]) }
    let other = try file("o.csv", "text,x,x\noil,1,2\n")
    XCTAssertEqual(try read([other]).corpus.count, 1)
  }

  // MARK: JSON lines

  func testWholeNumbersKeepTheirDigits() throws {
    let ids = ["10254939386542155531", "10254939386542155777", "-123456789012345678901"]
    let path = try file("t.jsonl", ids.map { "{\"id\":\($0),\"text\":\"oil\"}\n" }.joined())
    XCTAssertEqual(try read([path]).corpus.ids, ids)
  }

  func testNullIsAnEmptyDocument() throws {
    let path = try file(
      "t.jsonl", "{\"id\":\"a\",\"text\":null}\n{\"id\":\"b\",\"text\":\"oil\"}\n")
    let (corpus, rowStarts) = try read([path])
    XCTAssertEqual(corpus.ids, ["a", "b"])
    XCTAssertEqual(rowStarts, [0, 0, 1])
    let without = try file("w.jsonl", "{\"id\":\"a\"}\n")
    assertBad(without, "line 1", "has no \"text\"") { _ = try read([without]) }
  }

  func testOtherFieldsMayHoldAnything() throws {
    let path = try file(
      "t.jsonl",
      """
      {"score":NaN,"low":-Infinity,"high":Infinity,"text":"oil","more":{"a":[1,{"b":NaN}]}}
      {"text":"gas","label":true,"extra":[[],{}]}
      {"text":"gas","label":false}
      """)
    let corpus = try read([path]).corpus
    XCTAssertEqual(corpus.labels, [-1, 1, 0])
    XCTAssertEqual(corpus.classNames, ["false", "true"])
  }

  func testMessagesNameFieldValueAndColumn() throws {
    for (text, parts) in [
      ("{\"text\":[\"oil\"]}", ["line 1, column 9", "\"text\" is an array"]),
      (
        "{\"text\":\"oil\",\"label\":NaN}",
        ["line 1, column 23", "\"label\" is no number: \"NaN\""]
      ),
      ("{\"text\":\"oil\",\"text\":\"gas\"}", ["line 1, column 15", "has \"text\" twice"]),
      ("[{\"text\":\"oil\"}]", ["is a JSON array", "jq -c '.[]'"]),
      ("{\n \"text\":\"oil\"\n}", ["ends inside a JSON object", "jq -c ."]),
      ("{\"text\":oil}", ["line 1, column 9", "is no JSON"]),
    ] {
      let path = try file("t.json", text)
      XCTAssertThrowsError(try read([path])) { error in
        XCTAssertEqual((error as? Failure)?.exitCode, 65)
        for part in parts { XCTAssert("\(error)".contains(part), "\(error)") }
      }
    }
  }

  func testOneFieldAsTextAndAsID() throws {
    let path = try file("t.jsonl", "{\"id\":\"oil\"}\n")
    var reader = TextReader()
    reader.textColumn = "id"
    let (corpus, rowStarts) = try read([path], reader)
    XCTAssertEqual(corpus.ids, ["oil"])
    XCTAssertEqual(rowStarts, [0, 1])
  }

  // MARK: Labels

  func testMinusOneAndNothingMeanNoLabel() throws {
    let json = try file(
      "t.jsonl",
      ["-1", "\"-1\"", "\"\"", "null", "1.5"].map { "{\"text\":\"oil\",\"label\":\($0)}\n" }
        .joined())
    let table = try file("t.csv", "text,label\noil,-1\noil,\noil,b\n")
    let corpus = try read([json, table]).corpus
    XCTAssertEqual(corpus.classNames, ["1.5", "b"])
    XCTAssertEqual(corpus.labels, [-1, -1, -1, -1, 0, -1, -1, 1])
  }

  func testALabelColumnThatNoRecordHas() throws {
    let path = try file("t.jsonl", "{\"text\":\"oil\",\"label\":\"a\"}\n")
    var reader = TextReader()
    reader.labelColumn = "topic"
    reader.requiresColumns.label = true
    assertBad("no document has a class in \"topic\"", "--label-column") {
      _ = try read([path], reader)
    }
    let some = try file("s.jsonl", "{\"text\":\"oil\",\"topic\":\"a\"}\n")
    XCTAssertEqual(try read([path, some], reader).corpus.labels, [-1, 0])
  }

  // MARK: Ids

  func testIDsAreOneLine() throws {
    let breaks = "a\\nb\\rc\\r\\nd\\te\\u0085f\\u2028g\\u000bh\\u0000i"
    let path = try file("t.jsonl", "{\"id\":\"\(breaks)\",\"text\":\"oil\"}\n")
    let line = "a b c  d e f g h i"
    XCTAssertEqual(try read([path]).corpus.ids, [line])
    mkdir("\(folder)/d", 0o755)
    _ = try file("d/a\nb\rc.txt", "oil")
    XCTAssertEqual(try read(["\(folder)/d"]).corpus.ids, ["a b c.txt"])
    let files = try DocumentFiles([path], reader: TextReader(), areTokenFiles: false)
    let batch = try files.next(upTo: 1)
    XCTAssertEqual(String(decoding: batch.bytes[batch.place(of: 0).id], as: UTF8.self), line)
  }

  // MARK: Encodings

  func testAByteOrderMarkIsSkippedEverywhere() throws {
    let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    let json = try file("t.jsonl", mark + Array("{\"text\":\"oil\"}\n".utf8))
    let joined = try file(
      "j.jsonl", Array("{\"text\":\"oil\"}\n".utf8) + mark + Array("{\"text\":\"gas\"}\n".utf8))
    let table = try file("t.csv", mark + Array("\"text\",label\noil,x\n".utf8))
    XCTAssertEqual(try read([json, joined, table]).corpus.count, 4)
    let labels = try file("labels.txt", mark + Array("0\n1\n0\n".utf8))
    let read = try Corpus.labels(labels, documents: 3)
    XCTAssertEqual(read.classNames, ["0", "1"])
    XCTAssertEqual(read.labels, [0, 1, 0])
    let words = try file("words.txt", mark + Array("\u{e9}t\u{e9}\nM\u{ca}ME\n".utf8))
    var settings = TextSettings()
    try settings.takeStopWords(words)
    XCTAssertEqual(settings.stopWords, ["ete", "meme"])
    let counts = TermCounts(settings)
    counts.add("L'\u{e9}t\u{e9} m\u{ea}me harbour")
    counts.endDocument()
    XCTAssertEqual(counts.rowStarts, [0, 1])
  }

  func testWhatIsNoUTF8Text() throws {
    let utf16 = Array("oil gas\n".utf16).flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
    let swapped = Array("oil gas\n".utf16).flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
    for (bytes, parts) in [
      ([0xff, 0xfe] + utf16, ["is UTF-16", "iconv -f UTF-16 -t UTF-8"]),
      (utf16, ["iconv -f UTF-16LE -t UTF-8"]), (swapped, ["iconv -f UTF-16BE -t UTF-8"]),
      (Array("BZh91AY&SY".utf8), ["bzip2", "bzcat"]),
      ([0x28, 0xb5, 0x2f, 0xfd, 1], ["zstd", "zstdcat"]),
      (Array("%PDF-1.4\n".utf8), ["is a PDF"]), ([0x89, 0x50, 0x4e, 0x47, 0x0d], ["PNG"]),
      (Array("oil".utf8) + [0, 1, 2, 0] + Array("gas oil gas".utf8), ["NUL bytes"]),
    ] as [([UInt8], [String])] {
      mkdir("\(folder)/d", 0o755)
      _ = try file("d/a.txt", "oil")
      let bad = try file("d/b.txt", bytes)
      for input in [
        "\(folder)/d", try file("t.jsonl", bytes), try file("t.csv", bytes),
      ] {
        XCTAssertThrowsError(try read([input])) { error in
          XCTAssertEqual((error as? Failure)?.exitCode, 65)
          for part in parts { XCTAssert("\(error)".contains(part), "\(error)") }
          XCTAssert("\(error)".contains(input == "\(folder)/d" ? bad : input), "\(error)")
        }
      }
      let labels = try file("labels.txt", bytes)
      assertBad(labels, parts[0]) { _ = try Corpus.labels(labels, documents: 1) }
    }
  }

  // MARK: Standard input

  func testJSONLinesOnAPipe() throws {
    func texts(_ bytes: [UInt8]) throws -> [[String]] {
      let descriptor = open(try file("in", bytes), O_RDONLY)
      defer { close(descriptor) }
      let batch = try LineStream(descriptor: descriptor).next(upTo: 10)
      return (0..<batch.count).map { i in
        let place = batch.place(of: i)
        return [place.id, place.text].map { String(decoding: batch.bytes[$0], as: UTF8.self) }
      }
    }
    XCTAssertEqual(
      try texts(Array("\u{feff}{\"id\":\"a\",\"text\":\"oil\"}\n\n{\"text\":\"gas\"}".utf8)),
      [["a", "oil"], ["1", "gas"]])
    XCTAssertEqual(try texts(Array("\u{feff}{oil}\ngas\n".utf8)), [["0", "{oil}"], ["1", "gas"]])
    assertBad("standard input: line 2", "has no \"text\"") {
      _ = try texts(Array("{\"text\":\"oil\"}\n{\"body\":\"gas\"}\n".utf8))
    }
    assertBad("standard input", "UTF-16") { _ = try texts([0xff, 0xfe, 0x61, 0]) }
    // Other JSON is refused, text that begins with a bracket is text.
    for (text, filter) in [
      ("[{\"text\":\"oil\"}]", "jq -c '.[]' FILE"), ("[\n {\"text\":\"oil\"}\n]", "jq -c '.[]'"),
      (" [ \"oil\", \"gas\" ]\n", "jq -c '.[]'"), ("{\n \"text\":\"oil\"\n}", "jq -c . FILE"),
    ] {
      assertBad("standard input: line 1", "is a JSON", filter) { _ = try texts(Array(text.utf8)) }
    }
    for text in ["[1]", "[Reuters] oil", "[\"Oil\", he said]", "{oil"] {
      XCTAssertEqual(try texts(Array(text.utf8)), [["0", text]])
    }
  }
}
