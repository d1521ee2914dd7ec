import FoundationEssentials
import Glibc
import TestSupport
import XCTest

@testable import Datasets

final class DatasetSummaryTests: FolderTestCase {
  func testText() throws {
    let counts = TermCounts(TextSettings())
    var corpus = Corpus()
    for (i, text) in ["oil gas", "oil", "", "gas oil coal", "bank"].enumerated() {
      counts.add(text)
      counts.endDocument()
      corpus.append(id: "\(i)", label: -1)
    }
    corpus.setLabels(named: ["b", "a", "", "b", "b"])
    _ = try DatasetWriter(output: "\(folder)/d", replacing: false, limit: 4, source: "t")
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
    mkdir("\(folder)/d", 0o755)
    let values: [Float] = [0, 0, 0, 3, 4, 0]
    try NPYWriter.create(path: "\(folder)/d/dense.npy", shape: [2, 3], type: .float32)
      .write(values, atRow: 0)
    try WholeFile.write(Array("0\n1\n".utf8), to: "\(folder)/d/ids.txt")
    var info = DatasetInfo(
      layout: .dense, samples: 2, features: 3, nonzeros: 6, classNames: [], seed: nil,
      source: "t", corpusSamples: 2, emptySamples: 1)
    for name in ["dense.npy", "ids.txt"] {
      let bytes = try WholeFile.read("\(folder)/d/\(name)").count
      info.files[name] = DatasetInfo.FileInfo(bytes: bytes, crc32: 0)
    }
    try WholeFile.write(Array(JSONEncoder().encode(info)), to: "\(folder)/d/dataset.json")
    let summary = try DatasetSummary(DatasetFolder(opening: "\(folder)/d"), terms: 2)
    XCTAssertEqual(summary.nonzeros, 2)
    XCTAssertEqual(summary.emptyDocuments, 1)
    XCTAssertEqual(summary.emptyFeatures, 1)
    XCTAssertEqual(summary.norms.most, 25.0 / 3, accuracy: 1e-6)
    XCTAssertTrue(summary.terms.isEmpty && summary.classes.isEmpty)
  }
}
