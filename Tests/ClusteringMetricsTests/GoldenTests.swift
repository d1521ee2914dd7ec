import ClusteringMetrics
import Foundation
import XCTest

/// Compares scores with scikit-learn's, which `scripts/golden/metrics.py` wrote.
final class GoldenTests: XCTestCase {
  private struct Golden: Decodable {
    struct Case: Decodable {
      var labels: [Int32]
      var assignments: [Int32]
      var acc: Double
      var nmi: Double
      var ari: Double
    }
    var cases: [Case]
  }

  func testScoresAreThoseOfScikitLearn() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Golden/metrics.json")
    let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: path))
    XCTAssertEqual(golden.cases.count, 14)
    for (i, expected) in golden.cases.enumerated() {
      let scores = Scores(labels: expected.labels, assignments: expected.assignments)
      XCTAssertEqual(scores.acc!, expected.acc, accuracy: 1e-14, "case \(i)")
      XCTAssertEqual(scores.nmi!, expected.nmi, accuracy: 1e-12, "case \(i)")
      XCTAssertEqual(scores.ari!, expected.ari, accuracy: 1e-12, "case \(i)")
    }
  }
}
