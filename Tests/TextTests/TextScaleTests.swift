import DenseMath
import Glibc
import XCTest

@testable import Datasets
@testable import Text

/// Tokens, accents, broken UTF-8, and the readers' own JSON and CSV.
final class TextScaleTests: XCTestCase {
  private func tokens(_ bytes: [UInt8], minimumLength: Int = 1) -> [String] {
    let tokenizer = Tokenizer(minimumLength: minimumLength)
    var tokens: [String] = []
    bytes.withUnsafeBytes {
      tokenizer.tokens(in: $0) { tokens.append(String(decoding: $0, as: UTF8.self)) }
    }
    return tokens
  }

  /// Expected values are scikit-learn 1.2's:
  /// CountVectorizer(strip_accents="unicode", token_pattern=r"(?u)\b\w+\b").build_analyzer().
  func testAccentsAsScikitLearnStripsThem() {
    for (text, expected) in [
      ("ÄPFEL Ångström naïve", ["apfel", "angstrom", "naive"]),
      ("ﬁn ½ x² ①", ["fin", "1", "2", "x2", "1"]),
      ("İstanbul Straße ŒUVRE", ["istanbul", "straße", "œuvre"]),
      ("ΟΔΟΣ Σ ΣΑ ΑΣ本 ΑΣα", ["οδος", "σ", "σα", "ας本", "ασα"]),
      ("한 ｆｕｌｌ", ["\u{1112}\u{1161}\u{11ab}", "full"]),
      ("cafe\u{301}s a—b йод", ["cafes", "a", "b", "иод"]),
      ("ᴬx 𝐀b", ["Ax", "Ab"]),
    ] {
      XCTAssertEqual(
        tokens(Array(text.utf8)).map { Array($0.utf8) }, expected.map { Array($0.utf8) })
    }
    XCTAssertEqual(tokens(Array("ä bc é9".utf8), minimumLength: 2), ["bc", "e9"])
  }

  func testInvalidUTF8SeparatesAndIsCounted() {
    let tokenizer = Tokenizer(minimumLength: 1)
    var found: [String] = []
    let bytes: [UInt8] = [0x61, 0xff, 0x62, 0xc3, 0x20, 0xe2, 0x82, 0x63, 0xed, 0xa0, 0x80]
    bytes.withUnsafeBytes {
      tokenizer.tokens(in: $0) { found.append(String(decoding: $0, as: UTF8.self)) }
    }
    XCTAssertEqual(found, ["a", "b", "c"])
    XCTAssertEqual(tokenizer.invalidSequences, 4)
  }

  func testTermsOfEveryLengthAreTold() {
    let table = TermTable(capacity: 4)
    var known: [[UInt8]: Int] = [:]
    for round in 0..<2 {
      for number in 0..<3000 {
        let term = (0..<number % 23).map { UInt8(truncatingIfNeeded: number / 23 >> ($0 % 3 * 2)) }
        let found = term.withUnsafeBytes { table.number(of: $0) }
        XCTAssertEqual(known[term, default: found], found)
        known[term] = found
        XCTAssertEqual([UInt8](table.term(found)), term)
      }
      XCTAssertEqual(table.count, known.count, "round \(round)")
    }
  }

  func testJSON() {
    var fields = JSONLine(["text", "id"])
    func parse(_ line: String) -> [String?]? {
      let bytes = Array(line.utf8)
      guard bytes.withUnsafeBytes({ fields.parse($0) }) else { return nil }
      return (0..<2).map { i in fields.with(i) { $0.map { String(decoding: $0, as: UTF8.self) } } }
    }
    XCTAssertEqual(
      parse(#" {"a": [1, {"b": null}], "text": "x\n\"é\ud83d\ude00", "id": 7.0} "#),
      ["x\n\"é😀", "7"])
    XCTAssertEqual(parse(#"{"id": null, "t\u0065xt": "y"}"#), ["y", nil])
    XCTAssertEqual(parse("{}"), [nil, nil])
    XCTAssertEqual(parse(#"{"text": "\ud800!"}"#), ["\u{fffd}!", nil])
    XCTAssertEqual(fields.invalidSequences, 1)
    for bad in [
      "", "[]", "{", #"{"text": }"#, #"{"text": "a"} x"#, #"{"text": ["a"]}"#, #"{"text": true}"#,
      #"{"text": "a",}"#, #"{"text": "a\q"}"#, #"{"text": "\u12"}"#, #"{"id": 01}"#, #"{"id": -}"#,
      #"{"a": tru}"#, #"{"text" "a"}"#, "{\"text\": \"a\tb\"}",
      "{\"a\": " + String(repeating: "[", count: 100_000),
    ] {
      XCTAssertNil(parse(bad), bad)
    }
  }

  func testPartsOfAFileAreTheFile() throws {
    let path = "/tmp/dec-pieces-\(getpid())"
    defer { unlink(path) }
    try WholeFile.write(Array("a\n\nbcd\ne\n\n\nfghij\nk".utf8), to: path)
    for parts in 1...30 {
      var lines: [String] = []
      for part in 0..<parts {
        let share = try InputShare([path], part: part, of: parts) { _ in true }
        for piece in share.pieces {
          let reader = try PieceReader(path, piece.range)
          while let line = try reader.next(), !reader.isBehind {
            lines.append(String(decoding: line, as: UTF8.self))
            XCTAssertEqual(reader.line(), "line \(lines.count)")
          }
        }
      }
      XCTAssertEqual(lines, ["a", "", "bcd", "e", "", "", "fghij", "k"], "\(parts) parts")
    }
  }

  func testTheDrawingTableIsASearch() {
    let table = DrawingTable([3, 0, 1, 1e-9, 2])
    var random = RandomStream(seed: 1, .sample)
    var counts = [Int](repeating: 0, count: 5)
    for _ in 0..<60_000 { counts[table.draw(&random)] += 1 }
    XCTAssertEqual(counts[1], 0)
    XCTAssertEqual(Double(counts[0]) / 60_000, 0.5, accuracy: 0.02)
    XCTAssertEqual(Double(counts[4]) / 60_000, 1 / 3, accuracy: 0.02)
  }
}
