import Collectives
import Datasets
import DenseMath
import Foundation
import TestSupport
import XCTest

@testable import Text

/// Compares features with scikit-learn's, which `scripts/golden/text_features.py` wrote.
final class TextFeaturesGoldenTests: FolderTestCase {
  private struct Golden: Decodable {
    struct Case: Decodable {
      var weight: TextSettings.Weight
      var features: Int
      var maxDF: Double
      var stopWords: [String]
      var terms: [String]
      var idf: [Double]
      var rowStarts: [Int]
      var indices: [Int32]
      var values: [Float]

      enum CodingKeys: String, CodingKey {
        case weight, features
        case maxDF = "max_df"
        case stopWords = "stop_words"
        case terms, idf
        case rowStarts = "row_starts"
        case indices, values
      }
    }
    var documents: [String]
    var cases: [Case]
  }

  func testFeaturesAreThoseOfScikitLearn() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Golden/text-features.json")
    let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: path))
    XCTAssertEqual(golden.cases.count, 8)
    let documents = try file("documents.txt", golden.documents.map { $0 + "\n" }.joined())
    for (i, expected) in golden.cases.enumerated() {
      var settings = TextSettings()
      settings.features = expected.features
      settings.maximumDocumentFrequency = expected.maxDF
      settings.weight = expected.weight
      try settings.takeStopWords(file("stop", expected.stopWords.joined(separator: "\n")))
      let dataset = try prepare(documents, settings)
      let vocabulary = try XCTUnwrap(dataset.vocabulary())
      XCTAssertEqual(vocabulary.map(\.term), expected.terms, "case \(i)")
      for (ours, theirs) in zip(vocabulary, expected.idf) {
        XCTAssertEqual(ours.idf, theirs, accuracy: 1e-12, "case \(i)")
      }
      var rows = InputRows(columns: dataset.info.features, isSparse: true)
      let all = 0..<golden.documents.count
      try dataset.shard(all).gather(all, into: &rows)
      XCTAssertEqual(rows.sparse.rowStarts.map { Int($0) }, expected.rowStarts, "case \(i)")
      XCTAssertEqual(rows.sparse.indices.map { Int32($0) }, expected.indices, "case \(i)")
      assertClose(rows.sparse.values, expected.values, relativeTolerance: 1e-6)
    }
  }

  private func prepare(_ documents: String, _ settings: TextSettings) throws -> DatasetFolder {
    let writer = DatasetWriter(output: "\(folder)/data", replacing: true, source: "test")
    var reader = TextReader()
    reader.readsLines = true
    _ = try TextPreparation(writer, settings).run(
      reader.source([documents]), over: SoloCommunicator())
    return try DatasetFolder(opening: "\(folder)/data")
  }
}
