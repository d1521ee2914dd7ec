import DenseMath

@testable import DeepClustering

/// The network in Double and plain loops: what our kernels are measured against. The knobs make
/// mistakes of 1 %, which the tests must notice.
struct ReferenceNetwork {
  var inputs: [[Double]]
  /// Widths with the input first.
  var sizes: [Int]
  var isRelu: [Bool]
  /// What each layer's output is multiplied by: dropout, `[layer][row][unit]`.
  var masks: [[[Double]]?]
  var reluKnob = 1.0
  var dropoutKnob = 1.0
  var biasKnob = 1.0
  var weightKnob = 1.0
  /// The length of the last layer's outputs, where it has `Activation.unit`.
  var unitScale: Double?
  /// How much of each row's length counts.
  var lengthKnob = 1.0

  init(_ network: FeedForward, inputs: Matrix) {
    self.inputs = (0..<inputs.rows).map { inputs.row($0).map(Double.init) }
    sizes = [network.inputDimension] + network.layers.map(\.outputDimension)
    isRelu = network.layers.map { $0.activation == .relu }
    masks = network.layers.map { _ in nil }
    if case .unit(let scale) = network.layers.last!.activation { unitScale = Double(scale) }
  }

  /// Weights `[in, out]` and biases of all layers, one after the other.
  static func parameters(_ network: FeedForward) -> [Double] {
    network.layers.flatMap { $0.weight.elements.map(Double.init) + $0.bias.map(Double.init) }
  }

  func outputs(_ parameters: [Double]) -> [[Double]] {
    var x = inputs
    var place = 0
    for l in isRelu.indices {
      let (n, m) = (sizes[l], sizes[l + 1])
      let (w, b) = (place, place + n * m)
      x = x.enumerated().map { row, x in
        (0..<m).map { j in
          // Weights and biases move the loss apart, so that a mistake in one term shows.
          var y = (parameters[b + j] - parameterOrigin[b + j]) * biasKnob + parameterOrigin[b + j]
          for i in 0..<n {
            let p = parameters[w + i * m + j]
            let origin = parameterOrigin[w + i * m + j]
            y += x[i] * ((p - origin) * weightKnob + origin)
          }
          if isRelu[l] {
            let origin = reluKnob == 1 ? y : y * reluKnob
            y = y > 0 ? origin : 0
          }
          return y * (masks[l]?[row][j] ?? 1) * (masks[l] == nil ? 1 : dropoutKnob)
        }
      }
      place = b + m
    }
    return unitScale.map { scale in x.map { normalized($0, to: scale) } } ?? x
  }

  private func normalized(_ c: [Double], to scale: Double) -> [Double] {
    let length = c.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return c.map { scale * $0 / (1 + (length - 1) * lengthKnob) }
  }

  /// Where the knobs of weights and biases turn: the loss there is the true one.
  var parameterOrigin: [Double] = []
}
