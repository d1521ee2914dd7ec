import Collectives
import DenseMath
import TestSupport
import XCTest

@testable import DeepClustering

final class PhaseTests: XCTestCase {
  func testSoftAssignmentByHand() {
    // Squared distances 0 and 2 of the first document, 1 and 1 of the second.
    let q = softAssignment([[0, 0], [1, 0]], [[0, 0], [1, 1]])
    assertClose(q, [[0.75, 0.25], [0.5, 0.5]], relativeTolerance: 1e-6)
  }

  func testTargetDistributionByHand() {
    let q: Matrix = [[0.75, 0.25], [0.5, 0.5]]
    let p = targetDistribution(softAssignment: q, softFrequencies: [1.25, 0.75])
    assertClose(p, [[0.84375, 0.15625], [0.375, 0.625]], relativeTolerance: 1e-6)
    let plain = targetDistribution(softAssignment: q, softFrequencies: [1.25, 0.75], exponent: 0)
    assertClose(plain, [[0.9, 0.1], [0.5, 0.5]], relativeTolerance: 1e-6)
  }

  func testKLDivergenceByHand() {
    XCTAssertEqual(klDivergence([[1, 0]], [[0.5, 0.5]]), log(2), accuracy: 1e-12)
    XCTAssertEqual(klDivergence([[0.3, 0.7]], [[0.3, 0.7]]), 0, accuracy: 1e-12)
  }

  func testFrequenciesAreTheColumnSumsOfQ() {
    let rows = sparseDocuments(700, features: 20)
    let encoder = Autoencoder(inputs: 20, widths: [8, 3], initialization: .glorot, seed: 1).encoder
    let mu = normalMatrix(4, 3, seed: 2)
    let refresh = TargetRefresh(of: rows.data, through: encoder, centroids: mu)
    let q = refresh.softAssignment(of: 0..<700)
    for j in 0..<4 {
      let sum = (0..<700).reduce(0.0) { $0 + Double(q[$1, j]) }
      XCTAssertEqual(refresh.softFrequencies[j], sum, accuracy: 1e-7)
    }
    XCTAssertEqual(refresh.clusterSizes.reduce(0, +), 700)
    for i in 0..<700 {
      let row = q.row(i)
      XCTAssertEqual(row.reduce(0, +), 1, accuracy: 1e-5)
      XCTAssertEqual(row[row.startIndex + Int(refresh.assignments[i])], row.max())
    }
  }

  /// One rank's refresh, played for four by their shards: the bits of q must not depend on the
  /// split.
  func testARefreshHasTheSameBitsInParts() {
    let rows = sparseDocuments(1000, features: 20)
    let encoder = Autoencoder(inputs: 20, widths: [30, 3], initialization: .glorot, seed: 1).encoder
    let mu = normalMatrix(4, 3, seed: 2)
    func refresh(_ range: Range<Int>) -> TargetRefresh {
      TargetRefresh(
        of: TrainingData(rows.shard(range), samples: 1000, over: SoloCommunicator()),
        through: encoder, centroids: mu)
    }
    let whole = refresh(0..<1000)
    let parts = [0..<1, 1..<333, 333..<700, 700..<1000].map(refresh)
    XCTAssertEqual(
      parts.flatMap { $0.softAssignment(of: 0..<$0.codes.rows).elements },
      whole.softAssignment(of: 0..<1000).elements)
    for j in 0..<4 {
      XCTAssertEqual(
        parts.reduce(0) { $0 + $1.softFrequencies[j] }, whole.softFrequencies[j], accuracy: 0)
    }
  }

  private func cluster(_ k: Int) throws -> ClusteringPhase.Outcome {
    let rows = sparseDocuments(120, features: 15)
    var encoder = Autoencoder(inputs: 15, widths: [8, 3], initialization: .glorot, seed: 1).encoder
    var mu = normalMatrix(k, 3, seed: 2)
    var parameters = ClusteringParameters(clusterCount: k)
    parameters.batchSize = 32
    parameters.targetUpdateInterval = 5
    parameters.maxIterations = 50
    return try ClusteringPhase(parameters).fit(
      &encoder, &mu, to: rows.data,
      observers: [EventObserver { XCTAssertEqual($0.clusterSizes?.count, k) }])
  }

  func testOneClusterSettlesAtOnce() throws {
    let outcome = try cluster(1)
    XCTAssertEqual(outcome.ending, .tolerance)
    XCTAssertEqual(outcome.iterations, 5)
    XCTAssertEqual(outcome.final.clusterSizes, [120])
    XCTAssertEqual(
      outcome.final.softAssignment(of: 0..<120).elements, [Float](repeating: 1, count: 120))
  }

  func testWhatIsACollapse() {
    // Growth and loss below a factor of two, and small clusters, are refinement.
    XCTAssertNil(Collapse.between([50, 30, 20], and: [59, 30, 11]))
    XCTAssertNil(Collapse.between([500, 480, 20], and: [510, 490, 0]))
    XCTAssertEqual(
      Collapse.between([50, 30, 20], and: [58, 33, 9]), "cluster 2 went from 20 to 9 documents")
    XCTAssertEqual(
      Collapse.between([30, 30, 40], and: [61, 9, 30]), "cluster 0 holds 61 of 100 documents")
    XCTAssertEqual(
      Collapse.between([25, 30, 45], and: [51, 22, 27]), "cluster 0 went from 25 to 51 documents")
    // One that held so many from the start may go on.
    XCTAssertNil(Collapse.between([70, 30], and: [80, 20]))
    XCTAssertNil(Collapse.between([100], and: [100]))
    // Without the guard this alone is said.
    XCTAssertEqual(
      Collapse.swallowed([30, 30, 40], by: [61, 9, 30]), "cluster 0 holds 61 of 100 documents")
    XCTAssertNil(Collapse.swallowed([50, 30, 20], by: [58, 33, 9]))
  }

  func testTwoClusters() throws {
    XCTAssertEqual(try cluster(2).final.clusterSizes.reduce(0, +), 120)
  }

  func testALossThatIsNotFiniteStopsTheRun() throws {
    let rows = sparseDocuments(120, features: 15)
    var encoder = Autoencoder(inputs: 15, widths: [8, 3], initialization: .glorot, seed: 1).encoder
    var mu = normalMatrix(3, 3, seed: 2)
    var parameters = ClusteringParameters(clusterCount: 3)
    parameters.batchSize = 32
    parameters.learningRate = 1e30
    parameters.labelChangeTolerance = 0
    XCTAssertThrowsError(
      try ClusteringPhase(parameters).fit(&encoder, &mu, to: rows.data)
    ) { error in
      XCTAssert("\(error)".contains("kl: the loss is not finite at iteration"), "\(error)")
    }
  }

  func testCoincidingCentroidsAndEmptyClustersWarn() throws {
    let rows = sparseDocuments(60, features: 15)
    var encoder = Autoencoder(inputs: 15, widths: [8, 3], initialization: .glorot, seed: 1).encoder
    var mu: Matrix = [[0.1, 0.2, 0.3], [0.1, 0.2, 0.3]]
    var parameters = ClusteringParameters(clusterCount: 2)
    parameters.maxIterations = 0
    var warnings: [String] = []
    let watch = EventObserver { event in
      if case .refresh(_, let view) = event, let warning = view.warning { warnings.append(warning) }
    }
    let outcome = try ClusteringPhase(parameters).fit(
      &encoder, &mu, to: rows.data, observers: [watch])
    XCTAssertEqual(outcome.warning, warnings.first)
    // With equal q the lowest cluster takes all documents: the other is empty, which is said first.
    XCTAssertEqual(warnings.count, 1)
    XCTAssert(warnings[0].contains("empty"), warnings[0])
    XCTAssertNotNil(mu.coincidingRows())
    XCTAssertNil(normalMatrix(5, 3, seed: 1).coincidingRows())
  }
}
