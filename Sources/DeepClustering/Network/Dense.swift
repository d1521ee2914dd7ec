import DenseMath

/// What a layer does to x W + b: g of Eq. 7 and 9, and the unit code.
public enum Activation: Equatable, Sendable {
  case relu, linear
  /// y = scale · c / ‖c‖ for each row c of x W + b, and 0 for a row of zeros: only the direction
  /// is kept. `FeedForward` computes it; docs/method.md, "Unit code", says what it is for.
  case unit(scale: Float)
}

/// A fully connected layer, y = g(x W + b); where g is `Activation.unit`, these functions compute
/// x W + b, and `FeedForward` the rest.
///
/// W is kept `[input, output]`, transposed to the files' `[output, input]`: a sparse x then sums
/// whole rows of W, and every other product costs the same either way.
public struct Dense: Equatable, Sendable {
  /// `[input, output]`.
  public var weight: Matrix
  /// `[output]`.
  public var bias: [Float]
  public var activation: Activation

  public init(weight: Matrix, bias: [Float], activation: Activation) {
    precondition(bias.count == weight.columns)
    self.weight = weight
    self.bias = bias
    self.activation = activation
  }

  /// A layer of zeros; also the shape of its gradient.
  public init(inputs: Int, outputs: Int, activation: Activation) {
    self.init(
      weight: Matrix(rows: inputs, columns: outputs),
      bias: [Float](repeating: 0, count: outputs), activation: activation)
  }

  public var inputDimension: Int { weight.rows }
  public var outputDimension: Int { weight.columns }
  public var zeros: Dense {
    Dense(inputs: inputDimension, outputs: outputDimension, activation: activation)
  }

  /// y ← g(x W + b).  x `[batch, input]`, y `[batch, output]`; `tile`: see `gemm`.
  public func forward(_ x: Matrix, tile: Int? = nil, into y: inout Matrix) {
    y.resize(rows: x.rows)
    y.fillRows(with: bias)
    if let tile {
      gemm(x, weight, .asIs, adding: true, tile: tile, into: &y)
    } else {
      gemm(x, .asIs, weight, .asIs, into: &y, adding: true)
    }
    if activation == .relu { y.rectify() }
  }

  /// y ← g(x W + b) for the network's input, sparse or dense.
  public func forward(_ x: InputRows, tile: Int? = nil, into y: inout Matrix) {
    guard x.isSparse else { return forward(x.dense, tile: tile, into: &y) }
    y.resize(rows: x.rows)
    multiply(x.sparse, weight, bias: bias, rectified: activation == .relu, into: &y)
  }

  /// dW ← xᵀ dy,  db ← Σ_rows dy,  where dy is the gradient before g.
  func backward(_ x: Matrix, dy: Matrix, into gradient: inout Dense) {
    gemm(x, .transposed, dy, .asIs, into: &gradient.weight)
    dy.columnSums(into: &gradient.bias)
  }

  /// dW ← xᵀ dy,  db ← Σ_rows dy for the network's input.
  func backward(_ x: InputRows, dy: Matrix, into gradient: inout Dense) {
    guard x.isSparse else { return backward(x.dense, dy: dy, into: &gradient) }
    multiplyTransposed(x.sparse, dy, into: &gradient.weight)
    dy.columnSums(into: &gradient.bias)
  }

  /// dx ← dy Wᵀ.
  func inputGradient(dy: Matrix, tile: Int? = nil, into dx: inout Matrix) {
    dx.resize(rows: dy.rows)
    if let tile {
      gemm(dy, weight, .transposed, adding: false, tile: tile, into: &dx)
    } else {
      gemm(dy, .asIs, weight, .transposed, into: &dx)
    }
  }
}
