// What a state holds of a step: how it is saved beside how it is restored.

extension TrainingStep {
  /// The state at this step's boundary: the network with its moments, under `name`.
  func state(_ phase: TrainingPhase, iteration: Int, as name: String) -> TrainingState {
    var state = TrainingState(
      TrainingState.Header(
        phase: phase, iteration: iteration, optimizerSteps: optimizer.stepCount,
        progress: progress))
    parameters.save(to: &state, as: name)
    return state
  }

  /// Takes the moments and the figures of a state; the network is what `init` was given.
  mutating func restore(from state: TrainingState, as name: String) throws {
    optimizer.stepCount = state.header.optimizerSteps
    progress = state.header.progress
    try parameters.restoreMoments(from: state, as: name)
  }
}

extension [any TrainingObserver] {
  func observe(_ event: TrainingEvent) throws {
    for observer in self { try observer.observe(event) }
  }

  /// What they ask for on this rank, before a step's sums are taken.
  func votes(isRoot: Bool) -> StepVotes {
    StepVotes(
      stop: contains(where: \.votesToStop),
      checkpoint: isRoot && contains(where: \.votesForCheckpoint))
  }

  /// Tells of the end of a step.
  ///
  /// - Parameters:
  ///   - isLast: Whether it is known to be the last of its phase.
  ///   - state: Makes the state of the step given; called by observers that want one.
  func stepEnded(
    _ step: TrainingStep, _ phase: TrainingPhase, _ iteration: Int, isLast: Bool = false,
    state: @escaping (TrainingStep) -> TrainingState
  ) throws {
    guard !isEmpty else { return }
    let boundary = StepBoundary(
      iteration: iteration, phase: phase, isLast: isLast, stopVotes: step.sums.stopVotes,
      isCheckpointVoted: step.sums.isCheckpointVoted, state: { state(step) })
    for observer in self { try observer.stepEnded(boundary) }
  }
}
