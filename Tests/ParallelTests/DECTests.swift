import Collectives
import Datasets
import DenseMath
import TestSupport
import XCTest

@testable import DeepClustering

/// The whole method as a library, without a command line.
final class DECTests: XCTestCase {
  private let world = World.shared
  private let samples = 300

  private func data(_ world: any Communicator) -> TrainingData {
    let range = Lanes(samples: samples, batchSize: 48, rank: world.rank, of: world.size).documents
    let rows = sparseDocuments(samples, features: 40)
    return TrainingData(rows.shard(range), samples: samples, over: world)
  }

  private var dec: DEC {
    var pretraining = Preset.default.pretraining(samples: samples, kind: .text)
    pretraining.layers = [30, 5]
    pretraining.batchSize = 48
    pretraining.layerwiseIterations = 40
    pretraining.finetuneIterations = 200
    pretraining.learningRate = 0.01
    var clustering = Preset.default.clustering(
      clusterCount: 3, samples: samples, kind: .text)
    clustering.batchSize = 48
    return DEC(pretraining: pretraining, clustering: clustering)
  }

  func testFindsTheGroupsOfTheDocuments() throws {
    var events: [String] = []
    let watch = EventObserver { event in
      events.append(event.progress.phase.name)
      XCTAssertNil(event.progress.trial)
    }
    let data = data(world)
    let result = try dec.fit(to: data, observers: [watch])
    XCTAssertEqual(Set(events), ["layerwise-1", "layerwise-2", "finetune", "kmeans", "kl"])
    // Document i is of group i mod 3: two of one group share a cluster, two of different ones do
    // not.
    var table = [Int64](repeating: 0, count: 9)
    for (i, cluster) in zip(data.shard.range, result.kept.outcome.final.assignments)
    where i % 17 != 5 {
      table[i % 3 * 3 + Int(cluster)] += 1
    }
    world.allReduce(&table)
    let largest = (0..<3).map { group in table[3 * group..<3 * group + 3].max()! }
    XCTAssertGreaterThan(largest.reduce(0, +), table.reduce(0, +) * 95 / 100, "\(table)")
    XCTAssertEqual(result.trials.count, 1)
    XCTAssertEqual(result.agreement, [0])
  }

  /// At 4 ranks one has none of the documents that k-means sees.
  func testKMeansOfASampleHasTheSameBits() throws {
    var dec = dec
    dec.pretraining!.layerwiseIterations = 2
    dec.pretraining!.finetuneIterations = 4
    dec.clustering.initialSample = 3
    dec.clustering.maxIterations = 2
    let shared = try dec.fit(to: data(world)).kept.start
    let alone = try dec.fit(to: data(SoloCommunicator())).kept.start
    XCTAssertEqual(shared.model.centroids, alone.model.centroids)
    let range = data(world).shard.range
    XCTAssertEqual(shared.assignments, Array(alone.assignments[range]))
    // It is not what all documents give.
    dec.clustering.initialSample = nil
    let all = try dec.fit(to: data(world)).kept.start
    XCTAssertNotEqual(all.model.centroids, alone.model.centroids)
  }

  func testTheMostAgreeingTrialIsKept() throws {
    var dec = dec
    dec.trials = 3
    let result = try dec.fit(to: data(world))
    XCTAssertEqual(Set(result.trials.map(\.seed)).count, 3)
    XCTAssertEqual(result.agreement[result.keptIndex], result.agreement.max())
    XCTAssert(result.agreement.allSatisfy { $0 > 0 && $0 <= 1 }, "\(result.agreement)")
  }

  /// Two agree with each other alike: the input decides.
  func testOfTwoTrialsTheOneThatExplainsMoreIsKept() throws {
    var dec = dec
    dec.trials = 2
    let data = data(world)
    let result = try dec.fit(to: data)
    XCTAssertEqual(result.agreement[0], result.agreement[1], accuracy: 1e-12)
    let directions = InputDirections(of: data)
    let explained = result.trials.map {
      directions.explainedShare(of: $0.outcome.final.assignments, clusterCount: 3)
    }
    XCTAssertEqual(explained[result.keptIndex], explained.max())
    // Whichever of them comes first.
    let turned = DEC.Result(
      Array(result.trials.reversed()), clusterCount: 3, of: data, directions)
    if explained[0] != explained[1] {
      XCTAssertEqual(turned.kept.seed, result.kept.seed)
    }
  }

  func testStartsFromAGivenAutoencoderAndGivenCentroids() throws {
    let autoencoder = Autoencoder(
      inputs: 40, widths: [30, 5], initialization: .glorot, seed: 4)
    var dec = dec
    dec.pretraining = nil
    dec.clustering.maxIterations = 0
    (dec.clustering.code, dec.clustering.codeScale) = (.raw, 0)
    let centroids = normalMatrix(3, 5, seed: 6)
    dec.initialCentroids = centroids
    let result = try dec.fit(to: data(world), from: autoencoder)
    XCTAssertEqual(result.kept.refined.autoencoder, autoencoder)
    assertClose(result.kept.refined.centroids!, centroids, relativeTolerance: 1e-5)
  }

  /// The root-mean-square distance to the centroids is what was asked for, and the reconstruction
  /// stays.
  func testTheCodeIsScaled() throws {
    var dec = dec
    dec.clustering.maxIterations = 0
    dec.clustering.codeScale = 2
    let data = data(world)
    let start = try dec.fit(to: data).kept.start
    let z = start.model.autoencoder.encoder.embed(data.shard)
    var sum = [0.0]
    for i in 0..<z.rows {
      for (a, b) in zip(z.row(i), start.model.centroids!.row(Int(start.assignments[i]))) {
        sum[0] += Double(a - b) * Double(a - b)
      }
    }
    world.allReduce(&sum)
    XCTAssertEqual((sum[0] / Double(samples)).squareRoot(), 2, accuracy: 1e-3)
  }

  /// An exponent below zero makes large clusters larger: the run sees it, and goes back.
  func testGoesBackToTheRefreshBeforeACollapse() throws {
    let data = data(world)
    var dec = dec
    (dec.clustering.frequencyExponent, dec.clustering.fallbackExponent) = (-6, nil)
    dec.clustering.learningRate = 0.2
    dec.clustering.targetUpdateInterval = 5
    var sizes: [[Int]] = []
    var warnings: [String?] = []
    let watch = EventObserver { event in
      guard case .refresh(_, let view) = event else { return }
      sizes.append(view.refresh.clusterSizes)
      warnings.append(view.warning)
    }
    let trial = try dec.fit(to: data, observers: [watch]).kept
    XCTAssertEqual(trial.outcome.ending, .collapse)
    XCTAssertEqual(trial.outcome.refreshes, sizes.count)
    XCTAssertEqual(trial.outcome.final.clusterSizes, sizes[sizes.count - 2])
    let collapse = try XCTUnwrap(trial.outcome.collapse)
    XCTAssertEqual(warnings.last??.hasPrefix(collapse), true, "\(warnings)")
    XCTAssert(warnings.dropLast().allSatisfy { $0 == nil }, "\(warnings)")
    XCTAssertEqual(
      TargetRefresh(
        of: data, through: trial.refined.autoencoder.encoder, centroids: trial.refined.centroids!),
      trial.outcome.final)
  }

  /// The first exponent destroys the clusters; the second is tried from the same start, and where
  /// that destroys them too, AE + k-means is the result.
  func testASecondExponentIsTriedFromTheSameStart() throws {
    let data = data(world)
    var dec = dec
    dec.clustering.learningRate = 0.2
    dec.clustering.targetUpdateInterval = 5
    dec.clustering.maxIterations = 40
    dec.clustering.code = .unit
    dec.clustering.frequencyExponent = -6
    dec.clustering.fallbackExponent = 1
    let trial = try dec.fit(to: data).kept
    XCTAssertEqual(trial.attempts.map(\.frequencyExponent), [-6, 1])
    XCTAssertEqual(trial.attempts.map(\.code), [.unit, .unit])
    XCTAssertEqual(trial.attempts[0].ending, .collapse)
    let kept = trial.attempts[1]
    XCTAssertGreaterThanOrEqual(kept.explainedAfter, 0.995 * kept.explainedBefore)
    dec.clustering.frequencyExponent = 1
    dec.clustering.fallbackExponent = nil
    let alone = try dec.fit(to: data).kept
    XCTAssertEqual(trial.refined, alone.refined)

    dec.clustering.code = .best
    (dec.clustering.frequencyExponent, dec.clustering.fallbackExponent) = (-6, -5)
    let neither = try dec.fit(to: data).kept
    let codes = neither.attempts.map(\.code)
    XCTAssertEqual(codes.first, neither.start.model.autoencoder.code)
    XCTAssertEqual(codes.count, 3)
    XCTAssertEqual(Set(codes), [.unit, .raw])
    XCTAssertEqual(neither.refined, neither.start.model)
    XCTAssertEqual(neither.outcome.final.assignments, neither.start.assignments)
    XCTAssertEqual(neither.outcome.ending, .collapse)
  }

  func testTheOrderOfAttempts() {
    func order(
      _ choice: CodeChoice, first: CodeForm, collapsed: Bool = false
    ) -> [String] {
      TrialAtWork.attempts(
        choice, first: first, exponents: (0, 1), hasCollapsed: collapsed
      ).map { "\($0.code) \(Int($0.exponent))" }
    }
    XCTAssertEqual(order(.raw, first: .raw, collapsed: true), ["raw 0", "raw 1"])
    XCTAssertEqual(order(.unit, first: .unit), ["unit 0", "unit 1"])
    XCTAssertEqual(order(.best, first: .raw), ["raw 0", "unit 0", "unit 1"])
    XCTAssertEqual(order(.best, first: .unit), ["unit 0", "unit 1", "raw 0"])
    XCTAssertEqual(order(.best, first: .unit, collapsed: true), ["unit 0", "raw 0", "unit 1"])
  }

  /// An observer reads the phase at a refresh; what it keeps stays as it was.
  func testARefreshShowsTheEncoderAsItIs() throws {
    let data = data(world)
    var encoders: [FeedForward] = []
    var refreshes: [TargetRefresh] = []
    var centroids: [Matrix] = []
    let watch = EventObserver { event in
      guard case .refresh(_, let view) = event else { return }
      encoders.append(view.encoder())
      refreshes.append(view.refresh)
      centroids.append(view.centroids)
    }
    var dec = dec
    dec.clustering.labelChangeTolerance = 0
    dec.clustering.maxIterations = 30
    dec.clustering.targetUpdateInterval = 10
    _ = try dec.fit(to: data, observers: [watch])
    XCTAssertEqual(encoders.count, 4)
    for (i, refresh) in refreshes.enumerated() {
      let again = TargetRefresh(of: data, through: encoders[i], centroids: centroids[i])
      XCTAssertEqual(again, refresh)
    }
    XCTAssertNotEqual(encoders[0], encoders[3])
  }
}
