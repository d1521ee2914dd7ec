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
    if case .unit(let scale) = autoencoder.encoder.layers.last!.activation {
      file.metadata["code"] = CodeForm.unit.rawValue
      file.metadata["code_scale"] = "\(scale)"
    }
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

  /// Takes the model's tensors out of a file, and no others. The numbers of the layers ascend, with
  /// or without gaps: a PyTorch `nn.Sequential` also counts its activations.
  ///
  /// - Parameter path: For messages.
  /// - Throws: `Failure.badInput` where tensors are missing or do not fit each other.
  public init(_ file: Safetensors, path: String) throws {
    let (encoder, decoder) = (
      try file.network("encoder", path: path), try file.network("decoder", path: path)
    )
    guard encoder.outputDimension == decoder.inputDimension,
      decoder.outputDimension == encoder.inputDimension
    else {
      throw Safetensors.noModel(
        path,
        "encoder and decoder do not mirror each other: "
          + "\(encoder.inputDimension) to \(encoder.outputDimension) and "
          + "\(decoder.inputDimension) to \(decoder.outputDimension) values")
    }
    var centroids: Matrix?
    if let tensor = file.tensors["centroids"] {
      guard tensor.shape.count == 2, tensor.shape[1] == encoder.outputDimension else {
        throw Safetensors.noModel(
          path, "centroids are \(tensor.shape) for a code of \(encoder.outputDimension)")
      }
      centroids = Matrix(rows: tensor.shape[0], columns: tensor.shape[1], elements: tensor.values)
    }
    var autoencoder = Autoencoder(encoder: encoder, decoder: decoder)
    if let code = file.metadata["code"], code != CodeForm.raw.rawValue {
      guard code == CodeForm.unit.rawValue,
        let scale = Float(file.metadata["code_scale"] ?? "1"), scale > 0, scale.isFinite
      else {
        throw Safetensors.noModel(
          path,
          "its code is \(code) of scale \(file.metadata["code_scale"] ?? "1"), "
            + "not raw, nor unit of a positive scale")
      }
      autoencoder.setCode(.unit)
      autoencoder.scaleCode(by: scale)
    }
    self.init(autoencoder: autoencoder, centroids: centroids, metadata: file.metadata)
  }
}

extension Safetensors {
  fileprivate static func noModel(_ path: String, _ found: String) -> Failure {
    .badInput(path, found, hint: "name a run folder or a .safetensors file that dec wrote")
  }

  /// A network's layers, ReLU but for the last.
  ///
  /// - Throws: `Failure.badInput` where tensors are missing or do not fit each other.
  fileprivate func network(_ name: String, path: String) throws -> FeedForward {
    let numbers = self.layers(name)
    guard !numbers.isEmpty else { throw Self.noModel(path, missing("\(name).0.weight")) }
    var layers: [Dense] = []
    for l in numbers {
      guard let weight = tensors["\(name).\(l).weight"] else {
        throw Self.noModel(path, missing("\(name).\(l).weight"))
      }
      guard let bias = tensors["\(name).\(l).bias"] else {
        throw Self.noModel(path, missing("\(name).\(l).bias"))
      }
      guard weight.shape.count == 2, !weight.values.isEmpty, bias.shape == [weight.shape[0]],
        weight.values.allSatisfy(\.isFinite), bias.values.allSatisfy(\.isFinite)
      else {
        throw Self.noModel(
          path,
          "\(name).\(l) is no pair of finite weight and bias: \(weight.shape), \(bias.shape)")
      }
      let matrix = Matrix(
        rows: weight.shape[0], columns: weight.shape[1], elements: weight.values)
      if let below = layers.last, below.outputDimension != matrix.columns {
        throw Self.noModel(
          path, "\(name).\(l) takes \(matrix.columns) values from \(below.outputDimension)")
      }
      layers.append(
        Dense(
          weight: matrix.transposed(), bias: bias.values,
          activation: l == numbers.last ? .linear : .relu))
    }
    return FeedForward(layers)
  }

  /// The numbers of a network's layers, by the names of their weights.
  fileprivate func layers(_ network: String) -> [Int] {
    (Array(tensors.keys) + otherTypes.keys).compactMap { name in
      let parts = name.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 3, parts[0] == network, parts[2] == "weight", let number = Int(parts[1]),
        String(number) == parts[1], number >= 0
      else { return nil }
      return number
    }.sorted()
  }

  /// Says that a tensor is missing or of an unknown type, and names those that there are.
  fileprivate func missing(_ name: String) -> String {
    if let type = otherTypes[name] { return "\(name) is \(type), not F32" }
    let names = (Array(tensors.keys) + otherTypes.keys).sorted()
    return "has no \(name), but "
      + (names.isEmpty ? "no tensors" : names.prefix(20).joined(separator: ", "))
      + (names.count > 20 ? " and \(names.count - 20) more" : "")
  }
}
