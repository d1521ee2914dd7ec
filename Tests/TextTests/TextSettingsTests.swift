import Datasets
import Diagnostics
import Foundation
import TestSupport
import XCTest

@testable import Text

final class TextSettingsTests: FolderTestCase {
  func testAFileOfStopWords() throws {
    var settings = TextSettings()
    let words = try file(
      "words", "\u{feff}# frequent words\nThe\nthe\nc#\nd\u{e9}j\u{e0} # twice\n\n #x\nDON'T\r\n")
    try settings.takeStopWords(words)
    XCTAssertEqual(settings.stopWords, ["the", "deja", "don"])
    settings.minimumLength = 1
    try settings.takeStopWords(words)
    XCTAssertEqual(settings.stopWords, ["the", "c", "deja", "don", "t"])
    try settings.takeStopWords("none")
    XCTAssertEqual(settings.stopWords, [])
    XCTAssertThrowsError(try settings.takeStopWords("german")) {
      XCTAssertEqual(($0 as? Failure)?.exitCode, 2)
      XCTAssert("\($0)".contains("--stop-words FILE"), "\($0)")
    }
    XCTAssertThrowsError(try settings.takeStopWords("klingon")) {
      XCTAssertEqual(($0 as? Failure)?.exitCode, 1)
      XCTAssert("\($0)".contains("none, english"), "\($0)")
    }
  }

  func testTheEnglishList() throws {
    var settings = TextSettings()
    try settings.takeStopWords("english")
    XCTAssertTrue(Set(["the", "don", "ll", "yourselves", "isn"]).isSubset(of: settings.stopWords))
    XCTAssertEqual(Set(settings.stopWords).count, settings.stopWords.count)
    XCTAssertFalse(settings.stopWords.contains { $0.count < 2 })
  }

  /// Stop words are compared before stemming: "having" is one, "have" is not.
  func testStopWordsAreWordsNotStems() throws {
    var settings = TextSettings()
    settings.stems = true
    try settings.takeStopWords(file("words", "Having\nBeing"))
    let numbering = TermNumbering(settings)
    var text = "having have haves being BE"
    var terms: [String] = []
    text.withUTF8 {
      numbering.terms(in: UnsafeRawBufferPointer($0)) {
        terms.append(String(decoding: numbering.table.term($0), as: UTF8.self))
      }
    }
    XCTAssertEqual(terms, ["have", "have", "be"])
  }

  func testStemsAreOfTheLanguage() throws {
    XCTAssertTrue(Set(["english", "german", "russian"]).isSubset(of: TextSettings.languages))
    XCTAssertEqual(TextSettings.languages, TextSettings.languages.sorted())
    for (language, stem) in [("english", "hauser"), ("german", "haus")] {
      var settings = TextSettings()
      settings.stems = true
      settings.language = language
      let numbering = TermNumbering(settings)
      var text = "H\u{e4}user"
      text.withUTF8 { numbering.terms(in: UnsafeRawBufferPointer($0)) { _ in } }
      XCTAssertEqual(String(decoding: numbering.table.term(0), as: UTF8.self), stem)
    }
  }

  func testSettingsOfOlderFiles() throws {
    func read(_ json: String) throws -> TextSettings {
      try JSONDecoder().decode(TextSettings.self, from: Data(json.utf8))
    }
    let old = try read(#"{"features": 7, "min_length": 3, "stem": true, "stop_words": ["a"]}"#)
    var expected = TextSettings()
    (expected.features, expected.minimumLength, expected.stems) = (7, 3, true)
    expected.stopWords = ["a"]
    XCTAssertEqual(old, expected)
    XCTAssertEqual(old.weight, .tfidf)
    XCTAssertEqual(old.language, "english")
    XCTAssertEqual(old.maximumDocumentFrequency, 1)
    expected.weight = .bm25
    expected.averageLength = 12.1 / 7
    expected.maximumDocumentFrequency = 0.1
    expected.language = "german"
    XCTAssertEqual(
      try JSONDecoder().decode(TextSettings.self, from: JSONEncoder().encode(expected)), expected)
    XCTAssertThrowsError(
      try read(
        #"{"features": 7, "min_length": 3, "stem": true, "stop_words": [], "weight": "bm25"}"#))
  }
}
