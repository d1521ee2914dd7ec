/// What happens while training: the caller prints it, records it and scores it.
public struct TrainingEvent: Sendable {
  /// "layerwise-1" ... "finetune", "kmeans", "kl".
  public var phase: String
  /// Minibatches done in this phase.
  public var iteration: Int
  /// Minibatches planned; for the KL phase the most there may be, nil for no limit.
  public var plannedIterations: Int?
  /// Mean loss of the minibatches since the last event; nil before the first.
  public var loss: Double?
  public var learningRate: Double?
  /// Fraction of documents that changed cluster since the last refresh.
  public var labelChange: Double?
  /// Over all ranks.
  public var clusterSizes: [Int]?
  /// This rank's documents, where they were assigned anew.
  public var assignments: [Int32]?
  /// Documents through the network since the last event, over all ranks.
  public var documents = 0
  /// Of this rank, since the last event: waiting for the other ranks' gradients.
  public var communicationSeconds = 0.0
  /// What the user should know, such as a cluster that fell empty.
  public var warning: String?
  /// Of several trials, from 1.
  public var trial: Int?

  public init(phase: String, iteration: Int) {
    self.phase = phase
    self.iteration = iteration
  }
}

/// Told of every event on every rank, in one order; may call collectives, may throw to stop.
public typealias Observer = (TrainingEvent) throws -> Void
