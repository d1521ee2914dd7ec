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

  /// Tells of the end of a step.
  ///
  /// - Parameter state: Makes the state of the step given; called by observers that want one.
  func stepEnded(
    _ step: TrainingStep, _ phase: TrainingPhase, _ iteration: Int,
    state: @escaping (TrainingStep) -> TrainingState
  ) throws {
    guard !isEmpty else { return }
    let boundary = StepBoundary(
      iteration: iteration, phase: phase, stopVotes: step.sums.stopVotes, state: { state(step) })
    for observer in self { try observer.stepEnded(boundary) }
  }
}
