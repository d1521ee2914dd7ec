import Collectives
import XCTest

@testable import ModelSelection

final class StabilityTests: XCTestCase {
  func testTheSubsamplesHaveTheirShare() {
    let subsamples = Subsamples(count: 5, share: 0.7, of: 100, seed: 1)
    XCTAssertEqual(subsamples.documents.map(\.count), [70, 70, 70, 70, 70])
    XCTAssertEqual(Set(subsamples.documents).count, 5)
    for (b, documents) in subsamples.documents.enumerated() {
      XCTAssertEqual(documents, documents.sorted())
      XCTAssertEqual((0..<100).filter { subsamples.contains($0, in: b) }, documents)
    }
    XCTAssertEqual(subsamples.pairs.count, 10)
  }

  /// Clusterings that agree up to the numbers of the clusters, but for documents that only one
  /// subsample has.
  func testOnlySharedDocumentsCount() {
    let subsamples = Subsamples(count: 3, share: 0.5, of: 40, seed: 2)
    let assignments = (0..<3).map { b in
      (0..<40).map {
        subsamples.contains($0, in: b) ? Int32(($0 % 2 + b) % 2) : Int32(b % 2)
      }
    }
    let stability = Stability(
      assignments, from: 0, subsamples, clusters: 2, over: SoloCommunicator())
    XCTAssertEqual(stability, Stability([((1, 0), 1), ((2, 0), 1), ((2, 1), 1)], subsamples: 3))
    XCTAssertEqual(stability.mean, 1)
    XCTAssertEqual(stability.interval, 0)
  }

  /// By hand: without subsample 0, 1 and 2 the means are 0.3, 0.6 and 0.9; the jackknife's error is
  /// √(2/3 · 0.18), and Student's quantile of two degrees of freedom is 4.303.
  func testTheIntervalIsTheJackknifes() {
    let stability = Stability([((1, 0), 0.9), ((2, 0), 0.6), ((2, 1), 0.3)], subsamples: 3)
    XCTAssertEqual(stability.mean, 0.6, accuracy: 1e-12)
    XCTAssertEqual(stability.interval, 4.303 * (2.0 / 3 * 0.18).squareRoot(), accuracy: 1e-9)
  }

  func testTheMeanOfIndependentValues() {
    let (mean, interval) = Stability.mean([1, 2, 3])
    XCTAssertEqual(mean, 2)
    XCTAssertEqual(interval, 4.303 * (2.0 / 6).squareRoot(), accuracy: 1e-9)
  }
}
