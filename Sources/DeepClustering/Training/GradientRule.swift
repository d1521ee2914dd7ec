import DenseMath

/// How the gradients of a minibatch are computed and summed over the ranks.
///
/// A step calls `backward`, then `finishSums`; in between it computes what else it sums.
protocol GradientRule: AnyObject {
  /// Rows of the tiles that minibatches are padded to and that products are taken in; nil for one
  /// product of this rank's rows.
  var tile: Int? { get }
  /// Whether the gradient of the centroids is summed exactly.
  var sumsCentroidsExactly: Bool { get }

  /// Backpropagates `pass.gradients.last` to the gradients of all layers, and starts their sums.
  ///
  /// - Parameters:
  ///   - input: What the network's forward pass had; may be rounded in place.
  ///   - minibatch: Which rows are documents.
  func backward(
    _ input: inout InputRows, in pass: inout FeedForward.Pass, of minibatch: Minibatch,
    to parameters: SharedParameters)

  /// Completes the sums over the ranks: of the layers' gradients, and of what is beside them.
  func finishSums(_ sums: inout StepSums, in parameters: SharedParameters)
}

/// Gradients as OpenBLAS gives them; their last bits depend on the number of ranks.
final class PlainGradients: GradientRule {
  let tile: Int? = nil
  let sumsCentroidsExactly = false

  func backward(
    _ input: inout InputRows, in pass: inout FeedForward.Pass, of minibatch: Minibatch,
    to parameters: SharedParameters
  ) {
    let network = parameters.network
    for l in network.layers.indices.reversed() {
      network.throughActivation(l, in: &pass)
      network.weightGradient(l, input, in: pass, into: &parameters.gradient.layers[l])
      parameters.startSum(l)
      if l > 0 { network.toLayerBelow(l, in: &pass) }
    }
  }

  func finishSums(_ sums: inout StepSums, in parameters: SharedParameters) {
    parameters.finishSums(beside: &sums.values)
  }
}
