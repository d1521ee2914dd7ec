import DenseMath

/// What a training tells its observers, by phase.
public enum TrainingEvent {
  /// Some minibatches of pretraining are done.
  case pretraining(PhaseProgress)
  /// k-means has found centroids of the code.
  case kMeans(PhaseProgress, KMeans.Result)
  /// The KL phase has computed the target distribution anew.
  case refresh(PhaseProgress, RefreshView)

  /// The figures that every phase has.
  public var progress: PhaseProgress {
    switch self {
    case .pretraining(let progress), .kMeans(let progress, _), .refresh(let progress, _): progress
    }
  }

  /// The clusters of this rank's documents, where the event brings new ones.
  public var assignments: [Int32]? {
    switch self {
    case .pretraining: nil
    case .kMeans(_, let result): result.assignments
    case .refresh(_, let view): view.refresh.assignments
    }
  }

  /// Documents per cluster over all ranks, where the event brings new clusters.
  public var clusterSizes: [Int]? {
    switch self {
    case .pretraining: nil
    case .kMeans(_, let result): result.clusterSizes
    case .refresh(_, let view): view.refresh.clusterSizes
    }
  }
}

/// Figures of a phase since the event before.
public struct PhaseProgress: Sendable {
  public var phase: TrainingPhase
  /// The trial at work, from 1; nil where there is one trial only.
  public var trial: Int?
  /// Minibatches done in this phase.
  public var iteration: Int
  /// Minibatches planned in this phase; the most there may be in the KL phase, nil for no limit.
  public var plannedIterations: Int?
  /// Mean loss of the minibatches since the event before; nil where there was none.
  public var loss: Double?
  public var learningRate: Double?
  /// Documents that went through the network since the event before, over all ranks.
  public var documents = 0
  /// Seconds since the event before in which this rank waited for other ranks' gradients.
  public var communicationSeconds = 0.0

  public init(_ phase: TrainingPhase, iteration: Int) {
    self.phase = phase
    self.iteration = iteration
  }
}

/// The KL phase at a refresh, to be read only.
public struct RefreshView {
  /// q, f and the assignments.
  public var refresh: TargetRefresh
  /// The fraction of documents that changed cluster since the refresh before; nil at the first.
  public var labelChange: Double?
  /// μ, `[clusters, latent]`.
  public var centroids: Matrix
  /// What the user should know, such as a cluster that fell empty.
  public var warning: String?
  /// f_θ as it is now: a copy, made when called, that later steps leave as it is.
  public var encoder: () -> FeedForward
}

/// The end of a training step, the same on every rank.
public struct StepBoundary {
  /// Minibatches done in this phase.
  public var iteration: Int
  public var phase: TrainingPhase
  /// Whether the step is known to be the last of its phase; never in the KL phase, whose next
  /// refresh decides.
  public var isLast: Bool
  /// Ranks that voted to stop before this step's sums were taken; the same number on every rank.
  public var stopVotes: Int
  /// Whether rank 0 voted for a checkpoint before this step's sums were taken.
  public var isCheckpointVoted: Bool
  /// What the training can go on from. Collective: all ranks call it at the same boundary, or none.
  public var state: () -> TrainingState
}

/// Told of a training's events on every rank, in the same order on all.
///
/// Observers may call collectives, and may throw to end the training: all ranks at the same event.
public protocol TrainingObserver: AnyObject {
  func observe(_ event: TrainingEvent) throws
  /// Called after every step.
  func stepEnded(_ boundary: StepBoundary) throws
  /// Whether this rank wants the training to stop; asked before every step's sums.
  var votesToStop: Bool { get }
  /// Whether the state after the next step should be written; asked like `votesToStop`, and only
  /// the answer of rank 0 counts.
  var votesForCheckpoint: Bool { get }
  /// Called when the clusters of AE + k-means are there, that the KL phase starts from.
  ///
  /// - Parameter trial: From 0.
  func initialized(_ start: DEC.Start, trial: Int) throws
}

extension TrainingObserver {
  public func observe(_ event: TrainingEvent) throws {}
  public func stepEnded(_ boundary: StepBoundary) throws {}
  public var votesToStop: Bool { false }
  public var votesForCheckpoint: Bool { false }
  public func initialized(_ start: DEC.Start, trial: Int) throws {}
}

/// An observer made of a closure.
public final class EventObserver: TrainingObserver {
  private let body: (TrainingEvent) throws -> Void

  public init(_ body: @escaping (TrainingEvent) throws -> Void) { self.body = body }

  public func observe(_ event: TrainingEvent) throws { try body(event) }
}
