import XCTest

@testable import Text

/// The beginnings of documents that `dec prepare` keeps.
final class OpeningTests: XCTestCase {
  private func opening(_ texts: [[UInt8]], length: Int) -> String {
    var opening = Opening(length: length)
    for text in texts { text.withUnsafeBytes { opening.add($0) } }
    return String(decoding: opening.bytes, as: UTF8.self)
  }

  func testOneLineOfPlainText() {
    for (text, expected) in [
      ("  From: a@b \r\n\n Subject:\u{a0}\tships ", "From: a@b Subject: ships"),
      ("a\u{202e}b\u{1b}[31mc\u{85}\u{2028}d", "a b [31mc d"),
      ("", ""),
    ] {
      XCTAssertEqual(opening([Array(text.utf8)], length: 200), expected)
    }
    XCTAssertEqual(opening([[0x61, 0xff, 0x62]], length: 9), "a\u{fffd}b")
    XCTAssertEqual(opening([Array("one".utf8), Array("two".utf8)], length: 9), "one two")
  }

  /// It counts characters, not bytes, and neither ends in a blank nor within a character.
  func testItsLength() {
    let text = Array("äö 本 xy".utf8)
    let expected = ["", "ä", "äö", "äö", "äö 本", "äö 本", "äö 本 x", "äö 本 xy", "äö 本 xy"]
    for (length, expected) in expected.enumerated() {
      XCTAssertEqual(opening([text], length: length), expected)
    }
  }
}
