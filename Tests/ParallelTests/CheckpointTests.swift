import Collectives
import Datasets
import DenseMath
import Foundation
import XCTest

@testable import DeepClustering
@testable import Runs

/// Checkpoints in files: what all ranks have written is read as it was, or not at all.
final class CheckpointTests: SharedFolderTestCase {
  private var run: RunFolder { RunFolder("\(folder)/run") }

  override func setUp() {
    super.setUp()
    if world.isRoot { try! WholeFile.makeFolder(run.path, replacing: true) }
    world.barrier()
  }

  /// A state in which each rank holds some rows, and the root holds a tensor alone.
  private func state(_ iteration: Int) -> TrainingState {
    var state = TrainingState(
      TrainingState.Header(
        phase: .kl, iteration: iteration, optimizerSteps: 3,
        progress: StepProgress(loss: 0.1, steps: 2, documents: 12)))
    func values(_ range: Range<Int>) -> [Float] { range.map { Float($0 * iteration) * -0.1 } }
    let rows = share(of: 7, part: world.rank, of: world.size)
    state.put(
      "weight", shape: [7, 5], rows: rows, values(rows.lowerBound * 5..<rows.upperBound * 5))
    state.putWhole("bias", shape: [3], values(0..<3), isOwner: world.isRoot)
    return state
  }

  private func course(_ bytes: Int) -> RunCourse {
    var course = RunCourse()
    course.metricsBytes = bytes
    course.elapsedSeconds = 1.1
    return course
  }

  private func assertReads(
    _ iteration: Int?, warnings: Int = 0, _ message: String = "", line: UInt = #line
  ) throws {
    var told: [String] = []
    let read = try CheckpointFolder(of: run, over: world).read { told.append($0) }
    XCTAssertEqual(read?.state.header.iteration, iteration, message, line: line)
    if world.isRoot { XCTAssertEqual(told.count, warnings, "\(message) \(told)", line: line) }
    guard let iteration, let read else { return }
    let expected = state(iteration).gathered(over: world)
    XCTAssertEqual(read.state.tensors, expected.tensors, message, line: line)
    XCTAssertEqual(read.state.header, expected.header, message, line: line)
    XCTAssertEqual(read.course, course(iteration), message, line: line)
  }

  private func write(_ iterations: [Int]) throws {
    let checkpoints = CheckpointFolder(of: run, over: world)
    for iteration in iterations { try checkpoints.write(state(iteration), course(iteration)) }
  }

  private func names() throws -> [String] {
    try WholeFile.names(in: run.file(RunFolder.Name.checkpoints))
  }

  private func boundary(
    _ state: TrainingState, isVoted: Bool, isLast: Bool = false
  ) -> StepBoundary {
    StepBoundary(
      iteration: state.header.iteration, phase: isLast ? .finetune : .kl, isLast: isLast,
      stopVotes: 0, isCheckpointVoted: isVoted, state: { state })
  }

  /// The training goes on while a checkpoint is written: it is there where rank 0 says that it is
  /// done, or a phase ends, and holds the state of the step at which it was begun.
  func testAStateIsWrittenWhileTheTrainingGoesOn() throws {
    let checkpoints = CheckpointFolder(of: run, over: world)
    let checkpointer = Checkpointer(
      in: checkpoints, of: run, everyMinutes: 1, resuming: nil, over: world
    ) { self.course(20) }
    try checkpointer.stepEnded(boundary(state(20), isVoted: true))
    XCTAssert(checkpoints.isWriting)
    try checkpointer.stepEnded(boundary(state(21), isVoted: false))
    XCTAssertNil(checkpoints.newestPath)
    // Rank 0 votes for its end as soon as its own part is written.
    while !checkpoints.isPartWritten { usleep(1000) }
    XCTAssert(checkpointer.votesForCheckpoint)
    try checkpointer.stepEnded(boundary(state(22), isVoted: true))
    XCTAssertFalse(checkpointer.votesForCheckpoint)
    try assertReads(20)
    try checkpointer.stepEnded(boundary(state(20), isVoted: true))
    try checkpointer.stepEnded(boundary(state(24), isVoted: false, isLast: true))
    XCTAssertFalse(checkpoints.isWriting)
    XCTAssertEqual(checkpoints.newestPath?.suffix(6), "000002")
  }

  func testAWeightThatIsNotFiniteIsNotWritten() throws {
    let checkpointer = Checkpointer(
      in: CheckpointFolder(of: run, over: world), of: run, everyMinutes: 1, resuming: nil,
      over: world
    ) { self.course(20) }
    try checkpointer.stepEnded(boundary(state(20), isVoted: true))
    try checkpointer.stepEnded(boundary(state(21), isVoted: true))
    try assertReads(20)
    // On one rank only.
    var broken = state(30)
    if world.rank == world.size - 1 {
      broken.put("weight", shape: [7, 5], rows: 6..<7, [0, 1, .nan, 3, 4])
    }
    XCTAssertThrowsError(try checkpointer.stepEnded(boundary(broken, isVoted: true))) {
      XCTAssert("\($0)".contains("kl: a weight is not finite after iteration 30"), "\($0)")
    }
    try assertReads(20)
  }

  func testTheNewestOfTwoIsRead() throws {
    try assertReads(nil)
    try write([10, 20, 30])
    try assertReads(30)
    XCTAssertEqual(try names(), ["000002", "000003"])
  }

  /// Whatever byte of the newest is changed, and wherever it is cut, the one before is read.
  func testADamagedOneIsSkipped() throws {
    try write([10, 20])
    let folder = run.file(RunFolder.Name.checkpoints) + "/000002"
    for name in ["state.safetensors", "checkpoint.json"] {
      let path = "\(folder)/\(name)"
      let sound = try WholeFile.read(path)
      for at in stride(from: 0, to: sound.count, by: max(1, sound.count / cases)) {
        var flipped = sound
        flipped[at] ^= 1 << UInt8(at % 8)
        for (bytes, what) in [(flipped, "changed"), (Array(sound[..<at]), "cut")] {
          try put(bytes, path)
          // A change of white space, or a digit's that is none in JSON, may leave the same numbers.
          let isSame = name == "checkpoint.json" && isSound(bytes, like: sound)
          try assertReads(isSame ? 20 : 10, warnings: isSame ? 0 : 1, "\(name) \(what) at \(at)")
        }
      }
      try put(sound, path)
    }
    try assertReads(20)
  }

  /// As SQLite tests itself: after a power failure any of the last blocks that were written may be
  /// lost, and hold zeros or what was there before, or be torn in the middle.
  func testBlocksThatWereLostAreNoticed() throws {
    try write([10, 20])
    let folder = run.file(RunFolder.Name.checkpoints)
    let path = "\(folder)/000002/state.safetensors"
    let (before, sound) = (
      try WholeFile.read("\(folder)/000001/state.safetensors"), try WholeFile.read(path)
    )
    let block = 64
    for seed in 0..<cases {
      var random = RandomStream(seed: UInt64(seed), .sample, 0)
      func draw(_ count: Int) -> Int { Int(random.uniform() * Double(count)) }
      var bytes = sound
      // The blocks from here on were not flushed.
      for start in stride(from: draw(sound.count / block) * block, to: sound.count, by: block) {
        let range = start..<min(start + block, sound.count)
        let torn = draw(2) == 0 ? range : range.lowerBound + draw(range.count)..<range.upperBound
        switch draw(4) {
        case 0: for i in torn { bytes[i] = 0 }
        case 1: for i in torn { bytes[i] = i < before.count ? before[i] : 0xff }
        default: break
        }
      }
      if draw(4) == 0 { bytes.removeLast(1 + draw(sound.count - 1)) }
      try put(bytes, path)
      let isSame = bytes == sound
      try assertReads(isSame ? 20 : 10, warnings: isSame ? 0 : 1, "case \(seed)")
    }
  }

  /// Damages to try. Rank 0 alone reads what is damaged: more ranks repeat what one has shown.
  private var cases: Int { world.size == 1 ? 200 : 60 }

  private func put(_ bytes: [UInt8], _ path: String) throws {
    world.barrier()
    if world.isRoot { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
    world.barrier()
  }

  private func isSound(_ bytes: [UInt8], like sound: [UInt8]) -> Bool {
    func info(_ bytes: [UInt8]) -> CheckpointInfo? {
      try? JSONDecoder().decode(CheckpointInfo.self, from: Data(bytes))
    }
    guard let a = info(bytes), let b = info(sound) else { return false }
    return a.files == b.files && a.format == b.format && a.version == b.version
  }

  /// A damaged one does not count as one of the two that are kept, nor does one half written.
  func testWritingAfterDamage() throws {
    try write([10, 20])
    let folder = run.file(RunFolder.Name.checkpoints)
    try put([1, 2, 3], "\(folder)/000002/state.safetensors")
    if world.isRoot {
      try WholeFile.makeFolder("\(folder)/.partial", replacing: true)
      try WholeFile.write([1], to: "\(folder)/.partial/other")
    }
    world.barrier()
    let checkpoints = CheckpointFolder(of: run, over: world)
    _ = try checkpoints.read { _ in }
    try checkpoints.write(state(30), course(30))
    XCTAssertEqual(try names(), ["000001", "000003"])
    try assertReads(30)
    world.barrier()
    if world.isRoot { try WholeFile.write([], to: "\(folder)/000003/state.safetensors") }
    world.barrier()
    try assertReads(10, warnings: 1)
  }

  /// Where it cannot be written, all ranks say so, and those before stay.
  func testAFolderThatCannotBeWritten() throws {
    try write([10])
    world.barrier()
    let folder = run.file(RunFolder.Name.checkpoints)
    if world.isRoot { try WholeFile.write([], to: "\(folder)/.partial") }
    world.barrier()
    // A file of that name is removed like a folder's remains; a folder with a folder is not.
    if world.isRoot {
      unlink("\(folder)/.partial")
      try WholeFile.makeFolder("\(folder)/.partial/state.safetensors/in", replacing: true)
    }
    world.barrier()
    XCTAssertThrowsError(try write([20]))
    try assertReads(10)
  }
}
