import Collectives
import Datasets
import DenseMath
import TestSupport
import XCTest

@testable import DeepClustering

/// What all ranks compute together against what one computes alone.
final class TrainingTests: XCTestCase {
  private let world = World.shared
  private let solo = SoloCommunicator()
  private let samples = 331
  private let batchSize = 48

  private var rows: SparseRows { sparseDocuments(samples, features: 40, groups: 4) }

  private var range: Range<Int> {
    Lanes(samples: samples, batchSize: batchSize, rank: world.rank, of: world.size).documents
  }

  private func data(_ range: Range<Int>, _ world: any Communicator) -> TrainingData {
    TrainingData(rows.shard(range), samples: samples, over: world)
  }

  private func encoder() -> FeedForward {
    Autoencoder(inputs: 40, widths: [24, 3], initialization: .glorot, seed: 5).encoder
  }

  func testKMeansHasTheSameBits() throws {
    for (count, k) in [(samples, 4), (3, 2)] {  // 3 points: at 4 ranks, one has none
      let z = normalMatrix(count, 5, seed: 9)
      let mine = share(of: count, part: world.rank, of: world.size)
      var means = KMeans(clusterCount: k)
      means.restarts = 4
      let alone = try means.fit(z, first: 0, samples: count, over: solo)
      let shared = try means.fit(
        z.rows(mine), first: mine.lowerBound, samples: count, over: world)
      XCTAssertEqual(shared.centroids, alone.centroids)
      XCTAssertEqual(shared.assignments, Array(alone.assignments[mine]))
      XCTAssertEqual(shared.clusterSizes, alone.clusterSizes)
      XCTAssertEqual(shared.inertia, alone.inertia)
    }
  }

  func testKMeansOfSparseDocumentsHasTheSameBits() throws {
    for (count, k) in [(samples, 4), (3, 2)] {
      let rows = sparseDocuments(count, features: 40, groups: 4)
      let mine = share(of: count, part: world.rank, of: world.size)
      var means = KMeans(clusterCount: k)
      means.restarts = 4
      let alone = means.fit(
        try SparsePoints(rows.shard(0..<count), samples: count, over: solo), over: solo)
      let shared = means.fit(
        try SparsePoints(rows.shard(mine), samples: count, over: world), over: world)
      XCTAssertEqual(shared.centroids, alone.centroids)
      XCTAssertEqual(shared.assignments, Array(alone.assignments[mine]))
      XCTAssertEqual(shared.clusterSizes, alone.clusterSizes)
      XCTAssertEqual(shared.inertia, alone.inertia)
    }
  }

  func testAnEmptyClusterIsRefilledAlike() throws {
    let z = normalMatrix(50, 2, seed: 3)
    let mine = share(of: 50, part: world.rank, of: world.size)
    let mu: Matrix = [[0, 0], [50, 50], [60, 60]]
    func refill(_ z: Matrix, _ first: Int, _ world: any Communicator) throws -> [Int64] {
      let points = try DensePoints(z, first: first, samples: 50, over: world)
      var sums = points.sums(nearestOf: [mu], over: world)
      points.refill(&sums, 0, centroids: mu, over: world)
      return sums.packed
    }
    XCTAssertEqual(try refill(z.rows(mine), mine.lowerBound, world), try refill(z, 0, solo))
  }

  func testARefreshHasTheSameBits() {
    let mu = normalMatrix(4, 3, seed: 6)
    let alone = TargetRefresh(of: data(0..<samples, solo), through: encoder(), centroids: mu)
    let shared = TargetRefresh(of: data(range, world), through: encoder(), centroids: mu)
    XCTAssertEqual(
      shared.softAssignment(of: 0..<range.count), alone.softAssignment(of: range))
    XCTAssertEqual(shared.softFrequencies, alone.softFrequencies)
    XCTAssertEqual(shared.assignments, Array(alone.assignments[range]))
    XCTAssertEqual(shared.clusterSizes, alone.clusterSizes)
  }

  /// Dense rows of 5 x 8 pixels.
  private func pictures(_ range: Range<Int>, _ world: any Communicator) -> TrainingData {
    TrainingData(
      Shard(
        memory: InputRows(rows.dense.rows(range)), range: range,
        picture: PictureShape(height: 5, width: 8)), samples: samples, over: world)
  }

  func testMovedPicturesGiveTheSameBits() throws {
    func train(_ range: Range<Int>, _ world: any Communicator) throws -> DEC.Result {
      var pretraining = Preset.default.pretraining(
        samples: samples, kind: .pictures)
      (pretraining.layers, pretraining.batchSize) = ([24, 16, 3], batchSize)
      (pretraining.layerwiseIterations, pretraining.finetuneIterations) = (12, 20)
      pretraining.learningRate = 0.1
      var clustering = Preset.default.clustering(
        clusterCount: 4, samples: samples, kind: .pictures)
      (clustering.batchSize, clustering.restarts) = (batchSize, 3)
      (clustering.targetUpdateInterval, clustering.maxIterations) = (10, 20)
      clustering.labelChangeTolerance = 0
      return try DEC(pretraining: pretraining, clustering: clustering)
        .fit(to: pictures(range, world))
    }
    let alone = try train(0..<samples, solo).kept
    for (name, world) in OnHosts.arrangements(of: world) {
      let shared = try train(range, world).kept
      XCTAssertEqual(shared.start.model, alone.start.model, name)
      XCTAssertEqual(shared.refined, alone.refined, name)
      XCTAssertEqual(
        shared.outcome.final.assignments, Array(alone.outcome.final.assignments[range]), name)
    }
  }

  private func pretrain(
    _ preset: Preset, _ range: Range<Int>, _ world: any Communicator
  ) throws -> Autoencoder {
    var parameters = preset.pretraining(samples: samples, kind: .text)
    parameters.layers = [24, 16, 3]
    parameters.batchSize = batchSize
    parameters.layerwiseIterations = 12
    parameters.finetuneIterations = 20
    return try Pretraining(parameters).fit(to: data(range, world))
  }

  func testTheDefaultPresetPretrainsToTheSameBits() throws {
    let alone = try pretrain(.default, 0..<samples, solo)
    for (name, world) in OnHosts.arrangements(of: world) {
      XCTAssertEqual(try pretrain(.default, range, world), alone, name)
    }
  }

  func testThePaperPresetPretrainsToTheSameWeights() throws {
    let alone = try pretrain(.paper, 0..<samples, solo)
    for (_, world) in OnHosts.arrangements(of: world) {
      let shared = try pretrain(.paper, range, world)
      for (a, b) in zip(shared.stacked.layers, alone.stacked.layers) {
        assertClose(a.weight, b.weight, relativeTolerance: 1e-4)
      }
    }
  }

  private func cluster(
    _ preset: Preset, _ range: Range<Int>, _ world: any Communicator, freezesEncoder: Bool = false
  ) throws -> (FeedForward, Matrix, ClusteringPhase.Outcome) {
    var parameters = preset.clustering(clusterCount: 4, samples: samples, kind: .text)
    parameters.batchSize = batchSize
    parameters.targetUpdateInterval = 10
    parameters.maxIterations = 40
    parameters.labelChangeTolerance = 0
    parameters.freezesEncoder = freezesEncoder
    var (net, mu) = (encoder(), normalMatrix(4, 3, seed: 6))
    let outcome = try ClusteringPhase(parameters).fit(&net, &mu, to: data(range, world))
    return (net, mu, outcome)
  }

  func testTheDefaultPresetClustersToTheSameBits() throws {
    let alone = try cluster(.default, 0..<samples, solo)
    for (name, world) in OnHosts.arrangements(of: world) {
      let shared = try cluster(.default, range, world)
      XCTAssertEqual(shared.0, alone.0, name)
      XCTAssertEqual(shared.1, alone.1, name)
      XCTAssertEqual(shared.2.final.assignments, Array(alone.2.final.assignments[range]), name)
    }
  }

  func testThePaperPresetClustersToTheSameWeights() throws {
    let alone = try cluster(.paper, 0..<samples, solo)
    for (_, world) in OnHosts.arrangements(of: world) {
      let shared = try cluster(.paper, range, world)
      for (a, b) in zip(shared.0.layers, alone.0.layers) {
        assertClose(a.weight, b.weight, relativeTolerance: 1e-4)
      }
      assertClose(shared.1, alone.1, relativeTolerance: 1e-4)
    }
  }

  func testAFrozenEncoderStaysAndItsCentroidsAreTheSame() throws {
    for preset in [Preset.paper, .default] {
      let alone = try cluster(preset, 0..<samples, solo, freezesEncoder: true)
      for (name, world) in OnHosts.arrangements(of: world) {
        let shared = try cluster(preset, range, world, freezesEncoder: true)
        XCTAssertEqual(shared.0, encoder(), name)
        XCTAssertNotEqual(shared.1, normalMatrix(4, 3, seed: 6), name)
        if preset == .default {
          XCTAssertEqual(shared.1, alone.1, name)
        } else {
          assertClose(shared.1, alone.1, relativeTolerance: 1e-4)
        }
      }
    }
  }

  func testEveryRankHoldsTheSameModel() throws {
    for (name, world) in OnHosts.arrangements(of: world) {
      let (net, mu, _) = try cluster(.paper, range, world)
      var bits = net.layers.flatMap { $0.weight.elements + $0.bias } + mu.elements
      let mine = bits
      world.broadcast(&bits)
      XCTAssertEqual(bits, mine, name)
    }
  }
}
