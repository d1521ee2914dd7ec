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

  /// The times so far, from which they are taken again in a later process.
  public struct Standing: Codable, Equatable, Sendable {
    var phases: [RunRecord.Phase] = []
    var phase: TrainingPhase?
    var trial: Int?
    /// What earlier trials had put into the phase at work.
    var earlierSeconds = 0.0
    var earlierIterations = 0
    /// Of the phase at work until the last event.
    var phaseSeconds = 0.0
    var sinceEvent = 0.0

    public init() {}
  }

  public init() {}

  public init(resuming standing: Standing) {
    phases = standing.phases
    current = standing.phase.map { ($0, standing.trial) }
    index = phases.firstIndex { $0.phase == standing.phase?.name } ?? 0
    earlier = (standing.earlierSeconds, standing.earlierIterations)
    lastEvent = Clock.seconds - standing.sinceEvent
    phaseStart = lastEvent - standing.phaseSeconds
  }

  public var standing: Standing {
    var standing = Standing()
    standing.phases = phases
    (standing.phase, standing.trial) = (current?.phase, current?.trial)
    (standing.earlierSeconds, standing.earlierIterations) = earlier
    standing.phaseSeconds = lastEvent - phaseStart
    standing.sinceEvent = Clock.seconds - lastEvent
    return standing
  }

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
