import DenseMath

// Networks, models and clusters in a state: how each is saved beside how it is restored.

extension TrainingState {
  /// Adds a network that every rank holds.
  mutating func save(_ network: FeedForward, as name: String, isOwner: Bool) {
    for (l, layer) in network.layers.enumerated() {
      putWhole(
        "\(name).\(l).weight", shape: [layer.inputDimension, layer.outputDimension],
        isOwner ? layer.weight.elements : [], isOwner: isOwner)
      putWhole(
        "\(name).\(l).bias", shape: [layer.outputDimension], layer.bias, isOwner: isOwner)
      if case .unit(let scale) = layer.activation {
        putWhole("\(name).\(l).unit", shape: [1], [scale], isOwner: isOwner)
      }
    }
  }

  /// The network of that name, with the shapes and activations of `shape`, but for the unit code,
  /// which is as it was saved.
  func network(_ name: String, like shape: FeedForward) throws -> FeedForward {
    FeedForward(
      try shape.layers.enumerated().map { l, layer in
        let (rows, columns) = (layer.inputDimension, layer.outputDimension)
        let unit = "\(name).\(l).unit"
        return Dense(
          weight: Matrix(
            rows: rows, columns: columns,
            elements: try whole("\(name).\(l).weight", shape: [rows, columns])),
          bias: try whole("\(name).\(l).bias", shape: [columns]),
          activation: tensors[unit] == nil
            ? layer.activation : .unit(scale: try whole(unit, shape: [1])[0]))
      })
  }

  /// Adds a model that every rank holds: autoencoder and centroids.
  mutating func save(_ model: Model, as name: String, isOwner: Bool) {
    save(model.autoencoder.stacked, as: "\(name).autoencoder", isOwner: isOwner)
    if let centroids = model.centroids {
      save(centroids, as: "\(name).centroids", isOwner: isOwner)
    }
  }

  /// The model of that name, with the shapes of `shape`.
  func model(_ name: String, like shape: Autoencoder, clusterCount: Int) throws -> Model {
    var autoencoder = shape
    autoencoder.stacked = try network("\(name).autoencoder", like: shape.stacked)
    return Model(
      autoencoder: autoencoder,
      centroids: try matrix("\(name).centroids", clusterCount, shape.codeDimension))
  }

  /// Adds a matrix that every rank holds.
  mutating func save(_ matrix: Matrix, as name: String, isOwner: Bool) {
    putWhole(
      name, shape: [matrix.rows, matrix.columns], isOwner ? matrix.elements : [], isOwner: isOwner)
  }

  /// The matrix of that name.
  func matrix(_ name: String, _ rows: Int, _ columns: Int) throws -> Matrix {
    Matrix(rows: rows, columns: columns, elements: try whole(name, shape: [rows, columns]))
  }

  /// Adds the clusters of this rank's documents. Floats hold cluster numbers exactly, up to 2²⁴.
  mutating func save(_ assignments: [Int32], as name: String, of data: TrainingData) {
    put(name, shape: [data.samples], rows: data.shard.range, assignments.map { Float($0) })
  }

  /// The clusters of this rank's documents.
  func assignments(_ name: String, of data: TrainingData) throws -> [Int32] {
    try whole(name, shape: [data.samples])[data.shard.range].map { Int32($0) }
  }
}
