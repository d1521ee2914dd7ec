/// What a rank asks for before a step's sums are taken.
struct StepVotes: Equatable, Sendable {
  /// That the training stops after this step.
  var stop = false
  /// That the state after this step is written; rank 0 alone asks, by its clock.
  var checkpoint = false
}

/// What a step sums over the ranks beside the gradients of the layers: the gradient of the
/// centroids, the loss, and the ranks' votes. It travels in one message with the biases' gradients.
struct StepSums: Sendable {
  /// The gradient of the centroids, `[clusters * latent]`, then the loss, then the votes.
  var values: [Float]
  /// The same in whole numbers of 2⁻⁴⁰, where the sum must not depend on the order of its terms;
  /// empty otherwise.
  var exact: [Double]
  /// Elements of the centroids' gradient.
  let centroidCount: Int

  /// - Parameters:
  ///   - centroidCount: Elements of the centroids; 0 in pretraining, which has none.
  ///   - isExact: Whether the gradient of the centroids has to be summed exactly.
  init(centroidCount: Int = 0, isExact: Bool = false) {
    self.centroidCount = centroidCount
    values = [Float](repeating: 0, count: centroidCount + 2)
    exact = [Double](repeating: 0, count: isExact ? centroidCount + 2 : 0)
  }

  /// The minibatch's loss: this rank's share before the sum, that of all ranks after it.
  var loss: Double {
    get { Double(values[centroidCount]) }
    set { set(centroidCount, newValue) }
  }

  /// Puts this rank's votes in, before the sum. One number holds both kinds, so that the message is
  /// no longer for it: 2 for each rank that votes to stop, 1 for rank 0's vote for a checkpoint.
  mutating func cast(_ votes: StepVotes) {
    set(centroidCount + 1, (votes.stop ? 2 : 0) + (votes.checkpoint ? 1 : 0))
  }

  /// After the sum, the number of ranks that voted to stop.
  var stopVotes: Int { votes / 2 }

  /// After the sum, whether rank 0 voted for a checkpoint.
  var isCheckpointVoted: Bool { votes % 2 == 1 }

  private var votes: Int {
    // Not a number where a term was out of range, which the loss tells first.
    Int(exactly: values[centroidCount + 1]) ?? 0
  }

  private mutating func set(_ index: Int, _ value: Double) {
    values[index] = Float(value)
    if !exact.isEmpty { exact[index] = value }
  }
}
