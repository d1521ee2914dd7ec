import Glibc
import XCTest

@testable import Datasets

final class DatasetSummaryTests: XCTestCase {
  private var folder = ""

  override func setUp() {
    var template = Array("/tmp/dec-tests-XXXXXX".utf8CString)
    folder = String(cString: mkdtemp(&template))
  }

  override func tearDown() { system("rm -rf '\(folder)'") }

  func testText() throws {
    let counts = TermCounts(TextSettings())
    var corpus = Corpus()
    for (i, text) in ["oil gas", "oil", "", "gas oil coal", "bank"].enumerated() {
      counts.add(text)
      counts.endDocument()
      corpus.append(id: "\(i)", label: -1)
    }
    corpus.setLabels(named: ["b", "a", "", "b", "b"])
    _ = try DatasetWriter(output: "\(folder)/d", replacing: false, seed: nil, limit: 4, source: "t")
      .write(corpus, counts)
    let summary = try DatasetSummary(DatasetFolder(opening: "\(folder)/d"), terms: 2)
    XCTAssertEqual(summary.documents, 4)
    XCTAssertEqual(summary.corpusDocuments, 5)
    XCTAssertEqual(summary.features, 4)
    XCTAssertEqual(summary.nonzeros, 6)
    XCTAssertEqual(summary.density, 6.0 / 16, accuracy: 1e-12)
    XCTAssertEqual(summary.nonzerosPerDocument, .init(mean: 1.5, least: 0, most: 3))
    XCTAssertEqual(summary.emptyDocuments, 1)
    XCTAssertEqual(summary.emptyFeatures, 1)  // bank is in the fifth alone
    XCTAssertEqual(summary.norms.mean, 0.75, accuracy: 1e-6)
    XCTAssertEqual(summary.norms.least, 0)
    XCTAssertEqual(summary.norms.most, 1, accuracy: 1e-6)
    XCTAssertEqual(summary.labelled, 3)
    XCTAssertEqual(summary.classes.map(\.name), ["b", "a"])
    XCTAssertEqual(summary.classes.map(\.documents), [2, 1])
    XCTAssertEqual(summary.terms.map(\.term), ["oil", "gas"])
    XCTAssertEqual(summary.terms.map(\.documentFrequency), [3, 2])
  }

  func testPictures() throws {
    struct Pictures: DenseRows {
      let count = 2
      let features = 3
      func read(_ i: Int, into row: UnsafeMutableBufferPointer<Float>) {
        for j in 0..<3 { row[j] = i == 0 ? 0 : [3, 4, 0][j] }
      }
      func place(of i: Int) -> (path: String, place: String) { ("t", "row \(i)") }
    }
    _ = try DatasetWriter(
      output: "\(folder)/d", replacing: false, seed: nil, limit: nil, source: "t"
    ).write(NumericCorpus(.dense(Pictures())), scale: 1)
    let summary = try DatasetSummary(DatasetFolder(opening: "\(folder)/d"), terms: 2)
    XCTAssertEqual(summary.nonzeros, 2)
    XCTAssertEqual(summary.emptyDocuments, 1)
    XCTAssertEqual(summary.emptyFeatures, 1)
    XCTAssertEqual(summary.norms.most, 25.0 / 3, accuracy: 1e-6)
    XCTAssertTrue(summary.terms.isEmpty && summary.classes.isEmpty)
  }
}
