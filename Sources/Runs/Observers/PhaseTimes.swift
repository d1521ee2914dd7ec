import DeepClustering
import Diagnostics

/// Times the phases, over all trials.
public final class PhaseTimes: TrainingObserver {
  /// In the order in which they began.
  public private(set) var phases: [RunRecord.Phase] = []
  private var current: (phase: TrainingPhase, trial: Int?)?
  /// The phase at work in `phases`, and what earlier trials had put there.
  private var index = 0
  private var earlier = (seconds: 0.0, iterations: 0)
  private var phaseStart = Clock.seconds
  private var lastEvent = Clock.seconds

  public init() {}

  public func observe(_ event: TrainingEvent) {
    let progress = event.progress
    let now = Clock.seconds
    if current?.phase != progress.phase || current?.trial != progress.trial {
      current = (progress.phase, progress.trial)
      phaseStart = lastEvent
      let name = progress.phase.name
      let known = phases.firstIndex { $0.phase == name }
      index = known ?? phases.count
      if known == nil {
        phases.append(RunRecord.Phase(phase: name, seconds: 0, iterations: 0, loss: nil))
      }
      earlier = (phases[index].seconds, phases[index].iterations)
    }
    phases[index].seconds = earlier.seconds + now - phaseStart
    phases[index].iterations = earlier.iterations + progress.iteration
    phases[index].loss = progress.loss ?? phases[index].loss
    lastEvent = now
  }
}
