import DeepClustering
import Diagnostics

/// Keeps what the watchdog would say: the phase, the iteration, and the last checkpoint.
public final class StatusReporter: TrainingObserver {
  private let checkpoints: CheckpointFolder
  private let run: String
  private let clusters: Bool
  private var phase: TrainingPhase?
  private var newest: String?

  /// - Parameters:
  ///   - phase: Of the training's beginning; nil where that is k-means.
  ///   - clusters: Whether k-means follows the pretraining.
  ///   - showsProgress: Whether the time of the run's lock is that of this rank's last progress.
  public init(
    _ run: RunFolder, checkpoints: CheckpointFolder, from phase: TrainingPhase?, clusters: Bool,
    showsProgress: Bool
  ) {
    self.run = run.path
    self.checkpoints = checkpoints
    self.clusters = clusters
    newest = checkpoints.newestPath
    ProcessStatus.keep(checkpoint: newest, of: self.run)
    enter(phase ?? .kMeans)
    if showsProgress { ProcessStatus.showProgress(in: run.file(RunFolder.Name.lock)) }
  }

  public func observe(_ event: TrainingEvent) {
    if case .kMeans = event { enter(.kl) }
  }

  /// An observer behind the checkpointer: a checkpoint of this step is there by now.
  public func stepEnded(_ boundary: StepBoundary) {
    if boundary.phase != phase { enter(boundary.phase) }
    ProcessStatus.reach(iteration: boundary.iteration)
    if checkpoints.newestPath != newest {
      newest = checkpoints.newestPath
      ProcessStatus.keep(checkpoint: newest, of: run)
    }
    guard boundary.isLast else { return }
    if boundary.phase == .finetune, clusters { enter(.kMeans) }
  }

  private func enter(_ phase: TrainingPhase) {
    self.phase = phase
    ProcessStatus.enter(phase.name)
  }
}
