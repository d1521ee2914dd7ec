import Collectives
import DeepClustering
import Diagnostics

/// Writes checkpoints: by rank 0's clock, where a phase is done, and where a signal asks the job to
/// stop, which it then does. The training goes on while the files are written.
public final class Checkpointer: TrainingObserver {
  private let folder: CheckpointFolder
  private let run: String
  private let world: any Communicator
  private let course: () -> RunCourse
  /// Seconds between two checkpoints; 0 for none but at a stop.
  private let interval: Double
  /// The least time between two checkpoints, as a multiple of what the last one took.
  private let spacing: Double
  /// When rank 0 asks for the next one.
  private var due: Double
  /// When the last one was there, and how long the training waited for it; nil before the first.
  private var last: (end: Double, seconds: Double)?
  /// How long the training has waited so far for the one that is being written.
  private var waited = 0.0
  /// The step before.
  private var step: (phase: TrainingPhase, iteration: Int)?
  /// Whether the run can go on later.
  private var canResume: Bool

  /// - Parameters:
  ///   - minutes: Between two checkpoints; 0 for none but at a stop. nil for every two minutes, or
  ///     less often where they would take over 1 % of the time.
  ///   - start: What the run goes on from; nil where it begins.
  ///   - course: How far the run is; called on rank 0.
  public init(
    in folder: CheckpointFolder, of run: RunFolder, everyMinutes minutes: Double?,
    resuming start: TrainingState.Header?, over world: any Communicator,
    course: @escaping () -> RunCourse
  ) {
    self.folder = folder
    self.run = run.path
    self.world = world
    self.course = course
    interval = 60 * (minutes ?? 2)
    spacing = minutes == nil ? 100 : 0
    // The first one soon: a disk without room is then found while little is lost.
    due = Clock.seconds + min(10, interval)
    step = start.map { ($0.phase, $0.iteration) }
    canResume = start != nil
  }

  public var votesToStop: Bool { Interruption.isStopAsked }

  /// Rank 0 asks twice for each: that it be begun, and that it be completed, when its own part is
  /// written, or the next one is due already by an interval that was asked for.
  public var votesForCheckpoint: Bool {
    let isDue = interval > 0 && Clock.seconds >= due
    return folder.isWriting ? folder.isPartWritten || (spacing == 0 && isDue) : isDue
  }

  public func stepEnded(_ boundary: StepBoundary) throws {
    let isEdge = isEdge(boundary)
    step = (boundary.phase, boundary.iteration)
    if boundary.stopVotes > 0 {
      try complete()
      try begin(boundary.state())
      try complete()
      throw stopped("in \(boundary.phase.name), iteration \(boundary.iteration)")
    }
    if folder.isWriting {
      if boundary.isCheckpointVoted { try complete() }
    } else if boundary.isCheckpointVoted {
      try begin(boundary.state())
    }
    if isEdge, !folder.isWriting, isWorthIt() { try begin(boundary.state()) }
    // What follows a phase, such as k-means, may be long, and the next step far.
    if boundary.isLast { try complete() }
  }

  /// Completes what is being written, and ends the run where a signal has come after the last step.
  /// Collective.
  public func stopIfAsked() throws {
    try complete()
    guard world.allReduce(Interruption.isStopAsked ? Int64(1) : 0, by: .maximum) > 0, canResume
    else { return }
    throw stopped("after the last iteration")
  }

  /// Whether much would be lost without this step's state: what follows finetuning takes long, and
  /// the first step of a phase, or of another attempt at it, has all that came before behind it.
  private func isEdge(_ boundary: StepBoundary) -> Bool {
    if boundary.isLast, boundary.phase == .finetune { return true }
    guard let step else { return false }
    return step.phase != boundary.phase || boundary.iteration <= step.iteration
  }

  /// Whether a checkpoint now takes 1 % of the time since the last one or less. Collective.
  private func isWorthIt() -> Bool {
    guard interval > 0 else { return false }
    let isWorth = last.map { Clock.seconds - $0.end >= 100 * $0.seconds } ?? false
    return world.allReduce(world.isRoot && isWorth ? Int64(1) : 0) > 0
  }

  private func begin(_ state: TrainingState) throws {
    // The next step would stop at it; the checkpoint before is sound.
    guard world.allReduce(state.isFinite ? Int64(1) : 0, by: .minimum) == 1 else {
      var failure = Failure(
        .work,
        "\(state.header.phase.name): a weight is not finite after iteration "
          + "\(state.header.iteration); lower the learning rate, or check the data's scale with dec "
          + "inspect")
      failure.isShared = true
      throw failure
    }
    waited = 0
    due = Clock.seconds + interval
    try wait { try folder.begin(state, world.isRoot ? course() : RunCourse()) }
  }

  /// Completes the checkpoint that is being written, if there is one. Collective.
  private func complete() throws {
    guard folder.isWriting else { return }
    try wait { try folder.finish() }
    last = (Clock.seconds, waited)
    canResume = true
    due = Clock.seconds + max(interval, spacing * waited)
  }

  /// Does a part of the writing, for which the training waits.
  private func wait(_ body: () throws -> Void) throws {
    let start = Clock.seconds
    do {
      try body()
    } catch var failure as Failure {
      let last = folder.newestPath.map { "the last checkpoint is \($0)" }
      failure.message +=
        "; \(last ?? "there is no checkpoint yet"); make the folder writable, then go on with dec "
        + "resume \(run)"
      throw failure
    }
    waited += Clock.seconds - start
  }

  private func stopped(_ place: String) -> Failure {
    var failure = Failure(
      .stopped, "stopped by a signal \(place); go on with dec resume \(run)")
    failure.isShared = true
    return failure
  }
}
