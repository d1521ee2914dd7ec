import ClusteringMetrics
import Foundation
import XCTest

final class ScoresTests: XCTestCase {
  // Clusters over classes a, b:  0: 3 1   1: 0 2   n = 6.
  private let labels: [Int32] = [0, 0, 0, 1, 1, 1]
  private let assignments: [Int32] = [0, 0, 0, 0, 1, 1]

  func testTheHandWorkedCase() {
    let scores = Scores(labels: labels, assignments: assignments)
    XCTAssertEqual(scores.confusion, [[3, 1], [0, 2]])
    XCTAssertEqual(scores.mapping, [0, 1])
    XCTAssertEqual(scores.acc!, 5.0 / 6, accuracy: 1e-15)
    // I = 3/6 ln(18/12) + 1/6 ln(6/12) + 2/6 ln(12/6);  H(L) = ln 2,  H(C) = ln 3 - 2/3 ln 2.
    let (ln2, ln3) = (log(2.0), log(3.0))
    let information: Double = (ln3 - ln2) / 2 - ln2 / 6 + ln2 / 3
    let mean: Double = (ln2 + ln3 - ln2 * 2 / 3) / 2
    XCTAssertEqual(scores.nmi!, information / mean, accuracy: 1e-14)
    // Unordered pairs: 15; together in both 3 + 1, in clusters 6 + 1, in classes 3 + 3.
    let chance = 7.0 * 6 / 15
    XCTAssertEqual(scores.ari!, (4 - chance) / (6.5 - chance), accuracy: 1e-14)
  }

  func testScoresIgnoreHowClustersAreNumbered() {
    var random = SystemRandomNumberGenerator()
    let labels = (0..<300).map { Int32($0 % 7) - 1 }
    let assignments: [Int32] = labels.map {
      Int.random(in: 0..<3, using: &random) == 0 ? 2 : ($0 + 3) % 6
    }
    let first = Scores(labels: labels, assignments: assignments)
    for _ in 0..<10 {
      let numbers = (0..<9).map { Int32($0) }.shuffled(using: &random)
      let other = Scores(labels: labels, assignments: assignments.map { numbers[Int($0)] })
      XCTAssertEqual(other.acc, first.acc)
      XCTAssertEqual(other.nmi!, first.nmi!, accuracy: 1e-14)
      XCTAssertEqual(other.ari!, first.ari!, accuracy: 1e-14)
    }
  }

  func testUnlabelledSamplesAreLeftOut() {
    let scores = Scores(
      Contingency(
        labels: labels + [-1, -1, -1], assignments: assignments + [2, 0, 1], clusters: 4,
        classes: 2))
    let without = Scores(labels: labels, assignments: assignments)
    XCTAssertEqual(scores.samples, 6)
    XCTAssertEqual(scores.clusters, 4)
    XCTAssertEqual(scores.mapping, [0, 1, -1, -1])
    XCTAssertEqual(scores.acc, without.acc)
    XCTAssertEqual(scores.nmi, without.nmi)
    XCTAssertEqual(scores.ari, without.ari)
  }

  func testNothingLabelledHasNoScores() throws {
    let scores = Scores(labels: [-1, -1], assignments: [0, 1])
    XCTAssertEqual(scores.samples, 0)
    XCTAssertNil(scores.acc)
    XCTAssertEqual(scores.mapping, [-1, -1])
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    XCTAssertEqual(
      String(decoding: try encoder.encode(scores), as: UTF8.self),
      #"{"acc":null,"ari":null,"classes":0,"clusters":2,"confusion":[[],[]],"#
        + #""mapping":[-1,-1],"nmi":null,"samples":0}"#)
    XCTAssertEqual(Scores(labels: [], assignments: []).clusters, 0)
  }

  func testDegeneratePartitions() {
    let all: [Int32] = [0, 0, 0, 0]
    let singletons: [Int32] = [0, 1, 2, 3]
    let same = Scores(labels: all, assignments: all)
    XCTAssertEqual([same.acc, same.nmi, same.ari], [1, 1, 1])
    let oneCluster = Scores(labels: singletons, assignments: all)
    XCTAssertEqual([oneCluster.acc, oneCluster.nmi, oneCluster.ari], [0.25, 0, 0])
    let oneClass = Scores(labels: all, assignments: singletons)
    XCTAssertEqual([oneClass.acc, oneClass.nmi, oneClass.ari], [0.25, 0, 0])
    XCTAssertEqual(oneClass.mapping.filter { $0 == 0 }.count, 1)
    let perfect = Scores(labels: singletons, assignments: [3, 1, 0, 2])
    XCTAssertEqual([perfect.acc, perfect.nmi, perfect.ari], [1, 1, 1])
  }

  func testTablesOfRanksAddUp() {
    let ranks = [0..<2, 2..<2, 2..<6].map {
      Contingency(
        labels: Array(labels[$0]), assignments: Array(assignments[$0]), clusters: 2, classes: 2)
    }
    var sum = Contingency(clusters: 2, classes: 2)
    for table in ranks { sum.counts = zip(sum.counts, table.counts).map(+) }
    XCTAssertEqual(Scores(sum), Scores(labels: labels, assignments: assignments))
  }

  /// 2·10⁹ samples: pairs of pairs are far above 2^63, the scores are those of the small table.
  func testManySamplesDoNotOverflow() {
    var small = Contingency(clusters: 2, classes: 2)
    var large = small
    small.counts = [300, 100, 0, 200]
    large.counts = small.counts.map { $0 * 3_333_333 }
    XCTAssertEqual(clusteringAccuracy(large)!, 5.0 / 6, accuracy: 1e-15)
    XCTAssertEqual(
      normalizedMutualInformation(large)!, normalizedMutualInformation(small)!, accuracy: 1e-13)
    // Worked out in Python's fractions; at the limit 4/9.
    XCTAssertEqual(adjustedRandIndex(large)!, 0.4444444441975308, accuracy: 1e-15)
  }
}
