import DenseMath
import Diagnostics

/// What training leaves: the autoencoder, and centroids after clustering.
public struct Model: Equatable, Sendable {
  public var autoencoder: Autoencoder
  /// `[clusters, code]`.
  public var centroids: Matrix?
  /// Names the preset and dataset.
  public var metadata: [String: String]

  public init(
    autoencoder: Autoencoder, centroids: Matrix? = nil, metadata: [String: String] = [:]
  ) {
    self.autoencoder = autoencoder
    self.centroids = centroids
    self.metadata = metadata
  }

  /// The tensors of `model.safetensors`: `encoder.0.weight` [out, in] and so on.
  public var safetensors: Safetensors {
    var file = Safetensors()
    file.metadata = metadata
    for (name, network) in [("encoder", autoencoder.encoder), ("decoder", autoencoder.decoder)] {
      for (l, layer) in network.layers.enumerated() {
        let weight = layer.weight.transposed()
        file.tensors["\(name).\(l).weight"] = Safetensors.Tensor(
          shape: [weight.rows, weight.columns], values: weight.elements)
        file.tensors["\(name).\(l).bias"] = Safetensors.Tensor(
          shape: [layer.bias.count], values: layer.bias)
      }
    }
    if let centroids {
      file.tensors["centroids"] = Safetensors.Tensor(
        shape: [centroids.rows, centroids.columns], values: centroids.elements)
    }
    return file
  }

  /// - Parameter path: For messages.
  /// - Throws: `Failure.badInput` where tensors are missing or do not fit each other.
  public init(_ file: Safetensors, path: String) throws {
    func bad(_ found: String) -> Failure {
      .badInput(path, found, hint: "name a run folder or a .safetensors file that dec wrote")
    }
    func network(_ name: String) throws -> FeedForward {
      var count = 0
      while file.tensors["\(name).\(count).weight"] != nil { count += 1 }
      guard count > 0 else { throw bad("has no \(name).0.weight") }
      var layers: [Dense] = []
      for l in 0..<count {
        guard let weight = file.tensors["\(name).\(l).weight"], weight.shape.count == 2,
          let bias = file.tensors["\(name).\(l).bias"], bias.shape == [weight.shape[0]],
          weight.values.allSatisfy(\.isFinite), bias.values.allSatisfy(\.isFinite)
        else { throw bad("\(name).\(l) is no pair of finite weight and bias") }
        let matrix = Matrix(
          rows: weight.shape[0], columns: weight.shape[1], elements: weight.values)
        if let below = layers.last, below.outputDimension != matrix.columns {
          throw bad("\(name).\(l) takes \(matrix.columns) values from \(below.outputDimension)")
        }
        layers.append(
          Dense(
            weight: matrix.transposed(), bias: bias.values,
            activation: l == count - 1 ? .linear : .relu))
      }
      return FeedForward(layers)
    }
    let (encoder, decoder) = (try network("encoder"), try network("decoder"))
    guard encoder.outputDimension == decoder.inputDimension,
      decoder.outputDimension == encoder.inputDimension
    else { throw bad("encoder and decoder do not mirror each other") }
    var centroids: Matrix?
    if let tensor = file.tensors["centroids"] {
      guard tensor.shape.count == 2, tensor.shape[1] == encoder.outputDimension else {
        throw bad("centroids are \(tensor.shape) for a code of \(encoder.outputDimension)")
      }
      centroids = Matrix(rows: tensor.shape[0], columns: tensor.shape[1], elements: tensor.values)
    }
    self.init(
      autoencoder: Autoencoder(encoder: encoder, decoder: decoder), centroids: centroids,
      metadata: file.metadata)
  }
}
