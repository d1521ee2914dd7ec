import XCTest

@testable import ModelSelection

final class SelectionTests: XCTestCase {
  /// Curves of k from 2 on.
  private func curves(
    _ stability: [Double], baseline: [Double]? = nil, gap: [Double]? = nil, interval: Double = 0.01,
    eigengap: [Double]? = nil
  ) -> [CurvePoint] {
    stability.indices.map {
      CurvePoint(
        clusters: $0 + 2, stability: stability[$0], interval: interval,
        baseline: baseline?[$0] ?? 0.3, gap: gap?[$0] ?? Double($0),
        eigengap: eigengap?[$0] ?? 0)
    }
  }

  /// The largest eigengap is an answer, as sure as it stands out.
  func testTheEigengapIsAnAnswer() {
    let stability = [0.9, 0.5, 0.6, 0.4, 0.4, 0.3]
    let clear = Selection(
      curves(stability, eigengap: [0.01, 0.01, 0.02, 0.01, 0.2, 0.01])
    ).answers.first { $0.k == 6 }
    XCTAssertEqual(clear?.isEigengap, true)
    XCTAssertEqual(clear?.confidence, 1)
    let flat = Selection(
      curves([0.5, 0.5, 0.5, 0.5], interval: 0.3, eigengap: [0.01, 0.01, 0.2, 0.01]))
    XCTAssertEqual(flat.verdict, "the graph of neighbours falls into 4 parts")
    XCTAssert(flat.isClear)
    let unclear = Selection(
      curves(stability, eigengap: [0.01, 0.01, 0.019, 0.01, 0.02, 0.01])
    ).answers.first { $0.k == 6 }
    XCTAssertLessThan(unclear?.confidence ?? 1, 0.9)
  }

  /// MNIST's, as measured: two clusters are the most stable of all, but would be so without
  /// clusters too.
  func testMNIST() {
    let selection = Selection(
      curves(
        [
          0.979, 0.929, 0.973, 0.806, 0.860, 0.805, 0.854, 0.961, 0.878, 0.866, 0.802, 0.796, 0.798,
        ],
        baseline: [
          0.951, 0.909, 0.908, 0.868, 0.820, 0.612, 0.542, 0.505, 0.514, 0.442, 0.461, 0.435, 0.404,
        ],
        gap: [
          0.013, 0.045, 0.121, 0.151, 0.184, 0.223, 0.277, 0.320, 0.330, 0.339, 0.344, 0.348, 0.361,
        ]))
    XCTAssertEqual(selection.answers.map(\.k), [4, 9, 11])
    XCTAssertEqual(selection.answers.map(\.name), ["coarse", "middle", "fine"])
    XCTAssertEqual(selection.answers.map(\.isBest), [false, true, false])
    XCTAssertEqual(selection.answers.map(\.isElbow), [false, true, false])
    XCTAssertGreaterThan(selection.answers[1].confidence, 0.95)
    XCTAssert(selection.isClear)
    XCTAssert(selection.verdict.hasPrefix("9 clusters"), selection.verdict)
  }

  /// Intervals larger than all differences.
  func testFlatCurvesHaveNoClearK() {
    let selection = Selection(
      curves([0.6, 0.61, 0.6, 0.59, 0.605, 0.6, 0.61, 0.6], interval: 0.2))
    XCTAssertFalse(selection.isClear)
    XCTAssert(selection.verdict.hasPrefix("no clear k"), selection.verdict)
    XCTAssertEqual(selection.answers.count, 3)
    XCTAssert(selection.answers.allSatisfy { $0.confidence < 0.9 }, "\(selection.answers)")
  }

  /// Stable, but no more than without clusters.
  func testWhatIsStableByChanceIsNotClear() {
    let high = [0.99, 0.98, 0.97, 0.96, 0.95]
    let selection = Selection(curves(high, baseline: high.map { $0 - 0.001 }, interval: 0))
    XCTAssertFalse(selection.isClear)
  }

  func testTwoNumbersGiveTwoAnswers() {
    let selection = Selection(curves([0.9, 0.5]))
    XCTAssertEqual(selection.answers.map(\.k), [2, 3])
    XCTAssertEqual(selection.answers.map(\.name), ["coarse", "fine"])
  }

  /// y = 0, 4, 8, 9, 10: the chord is 2.5 a step, and the curve is farthest above it at index 2.
  func testTheElbowByHand() {
    XCTAssertEqual(Proposal.elbow(of: [0, 4, 8, 9, 10]), 2)
    XCTAssertNil(Proposal.elbow(of: [0, 1, 2, 3]), "a line")
    XCTAssertNil(Proposal.elbow(of: [0, 1, 3, 7]), "ever steeper")
  }

  func testTheJSONHasAnswersAndCurves() throws {
    let selection = Selection(curves([0.9, 0.5, 0.8, 0.4]))
    XCTAssertEqual(try Selection(json: try selection.json()), selection)
    let json = String(decoding: try selection.json(), as: UTF8.self)
    for key in ["answers", "k", "confidence", "curves", "stability_baseline", "is_clear"] {
      XCTAssert(json.contains("\"\(key)\""), json)
    }
  }

  func testThePageHasTheCurvesAndTheAnswers() {
    var points = curves([0.9, 0.5, 0.8, 0.4])
    let unlabelled = SelectionPage(Selection(points), dataset: "a<b").html
    XCTAssertEqual(unlabelled.components(separatedBy: "<svg").count - 1, 4)
    XCTAssert(unlabelled.contains("a&lt;b"))
    XCTAssert(unlabelled.contains("coarse"))
    for i in points.indices { points[i].nmi = 0.5 }
    let labelled = SelectionPage(Selection(points), dataset: "data").html
    XCTAssertEqual(labelled.components(separatedBy: "<svg").count - 1, 5)
    XCTAssert(
      SelectionPage(Selection(curves([0.5, 0.5], interval: 0.5)), dataset: "d").html
        .contains("no clear k"))
  }
}
