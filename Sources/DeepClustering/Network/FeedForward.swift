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

  /// The layers' outputs of one pass and the gradients on the way back; kept from step to step, so
  /// that a step allocates nothing.
  public struct Pass: Sendable {
    /// `outputs[l]` is layer l's, after activation and dropout, `[batch, output]`.
    public var outputs: [Matrix]
    /// `gradients[l]`: of the loss, with respect to layer l's output. Set the last before
    /// `backward`.
    public var gradients: [Matrix]
    fileprivate var dropoutScales: [Float]
    /// ‖c‖ of each row of the layer with `Activation.unit`, of which a network has one at most.
    fileprivate var lengths: [Float] = []
    /// Rows of a product, where bits may not depend on the number of ranks; see `gemm`.
    let tile: Int?

    public init(_ network: FeedForward, tile: Int? = nil) {
      self.tile = tile
      outputs = network.layers.map { Matrix(rows: 0, columns: $0.outputDimension) }
      gradients = outputs
      dropoutScales = network.layers.map { _ in 1 }
    }

    public var output: Matrix { outputs[outputs.count - 1] }
  }

  /// Computes every layer's output.
  ///
  /// - Parameters:
  ///   - x: `[batch, input]`, corrupted already where it should be.
  ///   - dropout: For hidden outputs: `dropout(l)` is applied to layer l's, which must be
  ///     rectified.
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
      if case .unit(let scale) = layers[l].activation {
        pass.outputs[l].normalizeRows(to: scale, lengths: &pass.lengths)
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

  /// dW_l ← x_lᵀ dy_l,  db_l ← Σ_rows dy_l, where x_l is the input of layer l and dy_l =
  /// `pass.gradients[l]`, the gradient before its activation.
  ///
  /// - Parameter x: What `forward` had.
  func weightGradient(_ l: Int, _ x: InputRows, in pass: Pass, into gradient: inout Dense) {
    if l == 0 {
      layers[l].backward(x, dy: pass.gradients[l], into: &gradient)
    } else {
      layers[l].backward(pass.outputs[l - 1], dy: pass.gradients[l], into: &gradient)
    }
  }

  /// gradients[l] ← the loss's gradient before layer l's activation and dropout.
  func throughActivation(_ l: Int, in pass: inout Pass) {
    switch layers[l].activation {
    case .linear: break
    case .relu:
      pass.gradients[l].keep(wherePositive: pass.outputs[l], scale: pass.dropoutScales[l])
    case .unit(let scale):
      pass.gradients[l].throughNormalization(
        to: scale, lengths: pass.lengths, output: pass.outputs[l])
    }
  }

  /// gradients[l − 1] ← gradients[l] Wᵀ.
  func toLayerBelow(_ l: Int, in pass: inout Pass) {
    let dy = pass.gradients[l]
    layers[l].inputGradient(dy: dy, tile: pass.tile, into: &pass.gradients[l - 1])
  }
}
