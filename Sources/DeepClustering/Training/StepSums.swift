/// What a step sums over the ranks beside the gradients of the layers: the gradient of the
/// centroids, the loss, and the ranks' votes to stop. It travels in one message with the biases'
/// gradients.
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

  /// Votes to stop: 0 or 1 before the sum, the number of ranks that voted after it.
  var stopVotes: Int {
    // Not a number where a term was out of range, which the loss tells first.
    get { Int(exactly: values[centroidCount + 1]) ?? 0 }
    set { set(centroidCount + 1, Double(newValue)) }
  }

  private mutating func set(_ index: Int, _ value: Double) {
    values[index] = Float(value)
    if !exact.isEmpty { exact[index] = value }
  }
}
