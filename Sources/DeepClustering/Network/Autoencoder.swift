import DenseMath
import Diagnostics

/// The stacked autoencoder, Section 3.2: an encoder d-500-500-2000-10 and its mirrored decoder.
///
/// ReLU everywhere but in the code layer and in the last decoder layer.
public struct Autoencoder: Equatable, Sendable {
  /// f_θ, the mapping that clustering refines.
  public var encoder: FeedForward
  /// `decoder.layers[0]` is the first applied to the code.
  public var decoder: FeedForward

  public init(encoder: FeedForward, decoder: FeedForward) {
    precondition(encoder.outputDimension == decoder.inputDimension)
    self.encoder = encoder
    self.decoder = decoder
  }

  /// - Parameters:
  ///   - inputs: d.
  ///   - widths: Of the encoder's layers, the code last.
  ///   - initialization: How the weights are drawn; biases are 0.
  public init(inputs: Int, widths: [Int], initialization: WeightInitialization, seed: UInt64) {
    let sizes = [inputs] + widths
    func layer(_ number: Int, _ from: Int, _ to: Int, _ activation: Activation) -> Dense {
      var dense = Dense(inputs: from, outputs: to, activation: activation)
      dense.weight = initialization.draw(inputs: from, outputs: to, seed: seed, layer: number)
      return dense
    }
    encoder = FeedForward(
      widths.indices.map {
        layer($0, sizes[$0], sizes[$0 + 1], $0 == widths.count - 1 ? .linear : .relu)
      })
    decoder = FeedForward(
      widths.indices.reversed().map {
        layer(100 + $0, sizes[$0 + 1], sizes[$0], $0 == 0 ? .linear : .relu)
      })
  }

  public var inputDimension: Int { encoder.inputDimension }
  public var codeDimension: Int { encoder.outputDimension }
  public var widths: [Int] { encoder.layers.map(\.outputDimension) }

  /// Encoder, then decoder, as one network for finetuning.
  public var stacked: FeedForward {
    get { FeedForward(encoder.layers + decoder.layers) }
    set {
      encoder.layers = Array(newValue.layers.prefix(encoder.layers.count))
      decoder.layers = Array(newValue.layers.dropFirst(encoder.layers.count))
    }
  }

  /// What the encoder's last layer gives: the code as the decoder takes it, or its direction.
  public var code: CodeForm {
    if case .unit = encoder.layers[encoder.layers.count - 1].activation { .unit } else { .raw }
  }

  /// Makes the encoder give the code in another form. The decoder takes the raw code either way.
  public mutating func setCode(_ form: CodeForm) {
    guard form != code else { return }
    encoder.layers[encoder.layers.count - 1].activation =
      switch form {
      case .raw: .linear
      case .unit: .unit(scale: 1)
      }
  }

  /// Multiplies the code by `factor`. Where it is raw, the decoder's first weights are divided by
  /// it, so that the reconstruction stays the same. docs/method.md, "Code scale", says what it is
  /// for.
  public mutating func scaleCode(by factor: Float) {
    let last = encoder.layers.count - 1
    if case .unit(let scale) = encoder.layers[last].activation {
      encoder.layers[last].activation = .unit(scale: scale * factor)
      return
    }
    encoder.layers[last].weight.scale(by: factor)
    for i in encoder.layers[last].bias.indices { encoder.layers[last].bias[i] *= factor }
    decoder.layers[0].weight.scale(by: 1 / factor)
  }
}

/// Which form of the code is clustered.
public enum CodeForm: String, Codable, Sendable, CaseIterable {
  /// c = f_θ(x), as in the paper.
  case raw
  /// z = scale · c / ‖c‖: a code's length says how typical a document is, not what it is about.
  case unit
}

/// How weights are drawn at first.
public enum WeightInitialization: String, Codable, Sendable, CaseIterable {
  /// N(0, 0.01²), the paper's (Section 4.3).
  case gaussian
  /// Uniform in ±sqrt(6 / (in + out)) (Glorot and Bengio 2010).
  case glorot

  func draw(inputs: Int, outputs: Int, seed: UInt64, layer: Int) -> Matrix {
    var random = RandomStream(seed: seed, .weights, layer)
    var weight = Matrix(rows: inputs, columns: outputs)
    let limit = (6 / Double(inputs + outputs)).squareRoot()
    weight.withUnsafeMutableElements {
      for i in $0.indices {
        switch self {
        case .gaussian: $0[i] = Float(0.01 * random.normal())
        case .glorot: $0[i] = Float(limit * (2 * random.uniform() - 1))
        }
      }
    }
    return weight
  }
}
