import Collectives
import Datasets
import DenseMath
import Foundation
import TestSupport
import XCTest

@testable import DeepClustering

/// A training that was stopped and goes on, at any number of ranks, ends in the bits of one that
/// never was.
final class TrainingStateTests: XCTestCase {
  private let world = World.shared
  private let samples = 331

  /// Two trials of all phases: 8 + 8 + 15 steps of pretraining, 24 of the KL phase, each.
  private func dec(_ optimizer: OptimizerKind = .adam) -> DEC {
    var pretraining = Preset.default.pretraining(samples: samples, kind: .text)
    pretraining.layers = [24, 3]
    pretraining.batchSize = 48
    pretraining.layerwiseIterations = 8
    pretraining.finetuneIterations = 15
    pretraining.optimizer = optimizer
    var clustering = Preset.default.clustering(
      clusterCount: 4, samples: samples, kind: .text)
    clustering.batchSize = 48
    clustering.targetUpdateInterval = 9
    clustering.maxIterations = 24
    clustering.labelChangeTolerance = 0
    clustering.restarts = 3
    clustering.stopsAtCollapse = false
    var dec = DEC(pretraining: pretraining, clustering: clustering)
    dec.trials = 2
    return dec
  }

  private func data(_ world: any Communicator) -> TrainingData {
    let range = Lanes(samples: samples, batchSize: 48, rank: world.rank, of: world.size).documents
    let rows = sparseDocuments(samples, features: 40, groups: 4)
    return TrainingData(rows.shard(range), samples: samples, over: world)
  }

  /// Ends a training after so many steps of all phases, and holds its state.
  private final class Stop: TrainingObserver {
    struct Stopped: Error {}
    private var left: Int
    private let votes: Bool
    private(set) var state: TrainingState?
    private(set) var events: [String] = []

    init(after steps: Int, votes: Bool = false) {
      left = steps
      self.votes = votes
    }

    var votesToStop: Bool { votes && left == 1 }

    func observe(_ event: TrainingEvent) {
      let progress = event.progress
      events.append(
        "\(progress.trial ?? 0) \(progress.phase.name) \(progress.iteration) \(progress.documents)")
    }

    func stepEnded(_ boundary: StepBoundary) throws {
      left -= 1
      guard votes ? boundary.stopVotes > 0 : left == 0 else { return }
      state = boundary.state()
      throw Stopped()
    }
  }

  private func stop(
    after steps: Int, _ dec: DEC, over world: any Communicator, on data: TrainingData? = nil
  ) throws -> (TrainingState, [String]) {
    let stop = Stop(after: steps)
    XCTAssertThrowsError(try dec.fit(to: data ?? self.data(world), observers: [stop])) {
      XCTAssert($0 is Stop.Stopped, "\($0)")
    }
    return (try XCTUnwrap(stop.state).gathered(over: world), stop.events)
  }

  private func assertSame(
    _ a: DEC.Result, _ b: DEC.Result, _ message: String, file: StaticString = #filePath,
    line: UInt = #line
  ) {
    XCTAssertEqual(a.keptIndex, b.keptIndex, message, file: file, line: line)
    XCTAssertEqual(a.agreement, b.agreement, message, file: file, line: line)
    for (x, y) in zip(a.trials, b.trials) {
      XCTAssertEqual(x.refined, y.refined, message, file: file, line: line)
      XCTAssertEqual(x.start.model, y.start.model, message, file: file, line: line)
      XCTAssertEqual(x.outcome.iterations, y.outcome.iterations, message, file: file, line: line)
      XCTAssertEqual(x.outcome.refreshes, y.outcome.refreshes, message, file: file, line: line)
    }
  }

  /// In every phase of both trials, at its ends and in its middle.
  func testGoesOnFromAnyStep() throws {
    for (optimizer, stops) in [
      (OptimizerKind.adam, [1, 16, 31, 40, 55, 90]), (.sgd, [8, 20, 32, 54, 70, 109]),
    ] {
      let dec = dec(optimizer)
      let watch = Stop(after: .max)
      let whole = try dec.fit(to: data(world), observers: [watch])
      for steps in stops {
        let (state, before) = try stop(after: steps, dec, over: world)
        let rest = Stop(after: .max)
        let resumed = try dec.fit(to: data(world), resuming: state, observers: [rest])
        assertSame(resumed, whole, "\(optimizer), stopped after \(steps)")
        // k-means is done again where the training stopped between it and the first step behind it.
        XCTAssertEqual(before + rest.events, watch.events, "stopped after \(steps)")
        XCTAssertEqual(
          resumed.kept.outcome.final.assignments, whole.kept.outcome.final.assignments)
        XCTAssertEqual(resumed.kept.start.assignments, whole.kept.start.assignments)
      }
    }
  }

  /// Pictures are moved at each step as they would have been.
  func testGoesOnOnMovedPictures() throws {
    func pictures(_ world: any Communicator) -> TrainingData {
      let shard = data(world).shard
      var rows = InputRows(columns: 40, isSparse: true)
      shard.gather(shard.range, into: &rows)
      return TrainingData(
        Shard(
          memory: InputRows(rows.sparse.dense), range: shard.range,
          picture: PictureShape(height: 5, width: 8)), samples: samples, over: world)
    }
    var dec = dec()
    dec.trials = 1
    dec.pretraining!.augments = true
    dec.clustering.augments = true
    let alone = try dec.fit(to: pictures(SoloCommunicator()))
    for steps in [3, 11, 20, 37, 46] {
      let (state, _) = try stop(after: steps, dec, over: world, on: pictures(world))
      let solo = pictures(SoloCommunicator())
      assertSame(try dec.fit(to: solo, resuming: state), alone, "stopped after \(steps)")
    }
  }

  func testGoesOnAtOtherNumbersOfRanks() throws {
    let dec = dec()
    let alone = try dec.fit(to: data(SoloCommunicator()))
    for (name, world) in OnHosts.arrangements(of: world) {
      for steps in [28, 47, 100] {
        let (state, _) = try stop(after: steps, dec, over: world)
        let resumed = try dec.fit(to: data(SoloCommunicator()), resuming: state)
        assertSame(resumed, alone, "\(name), stopped after \(steps), alone")
      }
    }
    let (state, _) = try stop(after: 50, dec, over: SoloCommunicator())
    for (name, world) in OnHosts.arrangements(of: world) {
      assertSame(try dec.fit(to: data(world), resuming: state), alone, "alone, then \(name)")
    }
  }

  /// What an earlier run of these tests, at another number of ranks, left in DEC_TEST_STATES.
  func testGoesOnInAnotherProcess() throws {
    guard let folder = ProcessInfo.processInfo.environment["DEC_TEST_STATES"] else {
      throw XCTSkip("DEC_TEST_STATES names no folder; scripts/test does")
    }
    let dec = dec()
    let whole = try dec.fit(to: data(world))
    for ranks in 1...4 where ranks != world.size {
      let path = "\(folder)/\(ranks)"
      guard let json = FileManager.default.contents(atPath: "\(path).json") else { continue }
      let tensors = try Safetensors(
        WholeFile.read("\(path).safetensors"), path: "\(path).safetensors"
      ).tensors.mapValues {
        TrainingState.Tensor(shape: $0.shape, rows: 0..<$0.shape[0], values: $0.values)
      }
      let header = try JSONDecoder().decode(TrainingState.Header.self, from: json)
      let state = TrainingState(header, tensors: tensors)
      assertSame(
        try dec.fit(to: data(world), resuming: state), whole, "\(ranks) to \(world.size) ranks")
    }
    // A step that is not the same in every run.
    var steps = [Int64.random(in: 1...109)]
    world.broadcast(&steps)
    let (state, _) = try stop(after: Int(steps[0]), dec, over: world)
    var file = Safetensors()
    for (name, tensor) in state.tensors {
      file.tensors[name] = Safetensors.Tensor(shape: tensor.shape, values: tensor.values)
    }
    if world.isRoot {
      try WholeFile.write(file.bytes, to: "\(folder)/\(world.size).safetensors")
      try JSONEncoder().encode(state.header).write(
        to: URL(fileURLWithPath: "\(folder)/\(world.size).json"))
    }
    world.barrier()
  }

  /// One rank's vote is known to all at the same step.
  func testOneVoteStopsAllRanks() throws {
    let stop = Stop(after: world.rank == world.size - 1 ? 37 : .max, votes: true)
    XCTAssertThrowsError(try dec().fit(to: data(world), observers: [stop]))
    let header = try XCTUnwrap(stop.state).header
    XCTAssertEqual(header.phase, .kl)
    XCTAssertEqual(header.iteration, 6)
  }

  func testAStateOfOtherShapesIsRefused() throws {
    let (state, _) = try stop(after: 5, dec(), over: world)
    var other = dec()
    other.pretraining!.layers = [23, 3]
    XCTAssertThrowsError(try other.fit(to: data(world), resuming: state))
  }
}
