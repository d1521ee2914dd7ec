import Datasets
import DenseMath
import Diagnostics
import Glibc
import TestSupport
import XCTest

@testable import Text

final class TextVectorizerTests: XCTestCase {
  private var folder = ""

  override func setUp() {
    var template = Array("/tmp/dec-tests-XXXXXX".utf8CString)
    folder = String(cString: mkdtemp(&template))
  }

  override func tearDown() { system("rm -rf '\(folder)'") }

  private let texts = [
    "Oil prices rose; oil, oil and more OIL. Prices!", "", "The banks' banking of bankers",
    "zzz qqq", "Überraschung im Café: größere Preise für Öl", "rising rose rises, the the the the",
    "a b c d", "prices \u{3a3}\u{39f}\u{3a3} rise 42 x_1", "oil",
  ]

  /// A dataset of `texts`, and its rows.
  private func prepare(_ settings: TextSettings) throws -> (DatasetFolder, SparseRows) {
    let counts = TermCounts(settings)
    var corpus = Corpus()
    for (i, text) in texts.enumerated() {
      counts.add(text)
      counts.endDocument()
      corpus.append(id: "\(i)", label: -1)
    }
    let output = "\(folder)/data"
    _ = try DatasetWriter(output: output, replacing: true, source: "test")
      .write(corpus, counts)
    let dataset = try DatasetFolder(opening: output)
    var rows = InputRows(columns: dataset.info.features, isSparse: true)
    try dataset.shard(0..<texts.count).gather(0..<texts.count, into: &rows)
    return (dataset, rows.sparse)
  }

  private func vectorize(_ vectorizer: TextVectorizer, _ columns: Int) -> (SparseRows, [Bool]) {
    var rows = SparseRows(columns: columns)
    let known = texts.map { text in
      var text = text
      text.withUTF8 { vectorizer.add(UnsafeRawBufferPointer($0)) }
      return vectorizer.endDocument(into: &rows)
    }
    return (rows, known)
  }

  func testRowsAreTheDatasetsBitForBit() throws {
    for (stems, weight) in [(false, TextSettings.Weight.tfidf), (true, .bm25), (true, .tfidf)] {
      for stopWords in [[], ["the", "and", "prices"]] {
        var settings = TextSettings()
        settings.stems = stems
        settings.stopWords = stopWords
        settings.features = 12
        settings.minimumLength = stems ? 3 : 2
        settings.weight = weight
        settings.maximumDocumentFrequency = stems ? 0.3 : 1
        let (dataset, expected) = try prepare(settings)
        let vocabulary = try XCTUnwrap(try dataset.vocabulary())
        // A cache of three tokens is begun anew again and again.
        for limit in [3, 1 << 18] {
          let vectorizer = TextVectorizer(
            try XCTUnwrap(dataset.info.text), vocabulary, tokenLimit: limit)
          let (rows, known) = vectorize(vectorizer, vocabulary.count)
          XCTAssertEqual(rows.rowStarts, expected.rowStarts)
          XCTAssertEqual(rows.indices, expected.indices)
          XCTAssertEqual(rows.values.map(\.bitPattern), expected.values.map(\.bitPattern))
          XCTAssertFalse(known[1])
          XCTAssertTrue(known[0])
        }
      }
    }
  }

  func testUnknownTermsDoNotCount() throws {
    let vocabulary = [
      VocabularyEntry(term: "gas", documentFrequency: 2, idf: 1.5),
      VocabularyEntry(term: "oil", documentFrequency: 2, idf: 1.5),
    ]
    let vectorizer = TextVectorizer(TextSettings(), vocabulary)
    var rows = SparseRows(columns: 2)
    for text in ["coal oil wind oil gas", "nothing known here"] {
      var text = text
      text.withUTF8 { vectorizer.add(UnsafeRawBufferPointer($0)) }
      vectorizer.endDocument(into: &rows)
    }
    XCTAssertEqual(rows.rowStarts, [0, 2, 2])
    // (1, 1 + ln 2) times √2 by its norm: idf is the same.
    let oil = 1 + log(2.0)
    let scale = (2 / (1 + oil * oil)).squareRoot()
    XCTAssertEqual(rows.values[0], Float(scale), accuracy: 1e-6)
    XCTAssertEqual(rows.values[1], Float(oil * scale), accuracy: 1e-6)
  }

  func testAVocabularyLineThatIsNone() throws {
    let path = "\(folder)/vocabulary.tsv"
    try WholeFile.write(Array("oil\t2\t1.5\ngas\tx\t1\n".utf8), to: path)
    XCTAssertThrowsError(try VocabularyEntry.read(path)) {
      XCTAssertEqual(($0 as? Failure)?.exitCode, 65)
      XCTAssert("\($0)".contains("line 2"), "\($0)")
    }
  }
}
