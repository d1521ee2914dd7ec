import DenseMath

/// Layers one after the other: the encoder, the autoencoder, or one stage's pair.
public struct FeedForward: Equatable, Sendable {
  public var layers: [Dense]

  public init(_ layers: [Dense]) {
    for (a, b) in zip(layers, layers.dropFirst()) {
      precondition(a.outputDimension == b.inputDimension, "layers do not fit")
    }
    self.layers = layers
  }

  public var inputDimension: Int { layers[0].inputDimension }
  public var outputDimension: Int { layers[layers.count - 1].outputDimension }
  /// The same layers, all zero: where a gradient goes.
  public var zeros: FeedForward { FeedForward(layers.map(\.zeros)) }

  /// The layers' outputs of one pass and the gradients on the way back; kept from step to step, so that
  /// a step allocates nothing.
  public struct Pass: Sendable {
    /// `outputs[l]` is layer l's, after activation and dropout, `[batch, output]`.
    public var outputs: [Matrix]
    /// `gradients[l]`: of the loss, with respect to layer l's output. Set the last before `backward`.
    public var gradients: [Matrix]
    fileprivate var dropoutScales: [Float]
    /// The columns of layer l's inputs and of its outputs' gradients, at 2l and 2l + 1, as whole numbers: for
    /// `backwardReproducibly`. Their largest values lie one after the other, those of i before `columnEnds[i + 1]`.
    var units: [ColumnUnits] = []
    var columnMaxima: [Float] = []
    let columnEnds: [Int]
    /// Rows of a product, where bits may not depend on the number of ranks; see `gemm`.
    let tile: Int?

    public init(_ network: FeedForward, tile: Int? = nil) {
      self.tile = tile
      outputs = network.layers.map { Matrix(rows: 0, columns: $0.outputDimension) }
      gradients = outputs
      dropoutScales = network.layers.map { _ in 1 }
      var ends = [0]
      if tile != nil {
        for columns in network.layers.flatMap({ [$0.inputDimension, $0.outputDimension] }) {
          units.append(ColumnUnits(columns: columns))
          ends.append(ends.last! + columns)
        }
      }
      columnEnds = ends
      columnMaxima = [Float](repeating: 0, count: ends.last!)
    }

    public var output: Matrix { outputs[outputs.count - 1] }
  }

  /// Computes every layer's output.
  ///
  /// - Parameters:
  ///   - x: `[batch, input]`, corrupted already where it should be.
  ///   - dropout: For hidden outputs: `dropout(l)` is applied to layer l's, which must be rectified.
  ///   - documents: Of the rows, for the dropout's masks.
  public func forward(
    _ x: InputRows, in pass: inout Pass, documents: [Int] = [],
    dropout: (Int) -> Dropout? = { _ in nil }
  ) {
    for l in layers.indices {
      if l == 0 {
        layers[l].forward(x, tile: pass.tile, into: &pass.outputs[l])
      } else {
        let x = pass.outputs[l - 1]
        layers[l].forward(x, tile: pass.tile, into: &pass.outputs[l])
      }
      pass.dropoutScales[l] = 1
      if let dropout = dropout(l), dropout.rate > 0 {
        // The way back reads the mask off the output's zeros.
        precondition(layers[l].activation == .relu, "dropout after a linear layer")
        dropout.apply(to: &pass.outputs[l], documents: documents)
        pass.dropoutScales[l] = dropout.scale
      }
    }
  }

  /// Backpropagation of `pass.gradients.last` to every layer's parameters.
  ///
  /// - Parameters:
  ///   - x: What `forward` had.
  ///   - gradient: Replaced, layer after layer, the last first.
  ///   - exchange: Given each layer's gradient as soon as it is complete.
  func backward(
    _ x: InputRows, in pass: inout Pass, gradient: inout FeedForward,
    exchange: GradientExchange? = nil
  ) {
    for l in layers.indices.reversed() {
      throughActivation(l, in: &pass)
      if l == 0 {
        layers[l].backward(x, dy: pass.gradients[l], into: &gradient.layers[l])
        exchange?.start(l, &gradient.layers[l])
      } else {
        layers[l].backward(
          pass.outputs[l - 1], dy: pass.gradients[l], into: &gradient.layers[l])
        exchange?.start(l, &gradient.layers[l])
        toLayerBelow(l, in: &pass)
      }
    }
  }

  /// gradients[l] ← the loss's gradient before layer l's activation and dropout.
  func throughActivation(_ l: Int, in pass: inout Pass) {
    guard layers[l].activation == .relu else { return }
    pass.gradients[l].keep(wherePositive: pass.outputs[l], scale: pass.dropoutScales[l])
  }

  /// gradients[l − 1] ← gradients[l] Wᵀ.
  func toLayerBelow(_ l: Int, in pass: inout Pass) {
    let dy = pass.gradients[l]
    layers[l].inputGradient(dy: dy, tile: pass.tile, into: &pass.gradients[l - 1])
  }
}
