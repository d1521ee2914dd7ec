import DenseMath
import Glibc

/// The update rule of a training phase.
public enum OptimizerKind: String, Codable, Sendable, CaseIterable {
  /// v ← m v − η g, w ← w + v: Caffe's, and the paper's.
  case sgd
  /// Kingma and Ba 2015, β = (0.9, 0.999), ε = 1e-8.
  case adam
}

/// What an optimizer remembers of one tensor, beside the tensor: SGD's velocity or Adam's two
/// moments.
struct Moments: Equatable, Sendable {
  /// SGD's velocity; the mean of gradients for Adam. `[elements]`.
  var first: [Float]
  /// The mean of squared gradients for Adam, `[elements]`; empty for SGD.
  var second: [Float]

  /// Moments of zero for `count` elements.
  init(_ kind: OptimizerKind, count: Int) {
    first = [Float](repeating: 0, count: count)
    second = [Float](repeating: 0, count: kind == .adam ? count : 0)
  }

  mutating func reset() {
    for i in first.indices { first[i] = 0 }
    for i in second.indices { second[i] = 0 }
  }
}

/// Updates tensors from their gradients. The same on every rank, so that replicas stay equal bit
/// for bit.
struct Optimizer: Sendable {
  let kind: OptimizerKind
  /// Biases learn at this multiple of the rate; 2 in the authors' code.
  let biasRate: Float
  /// Steps since the moments were zero, this one included.
  var stepCount = 0

  init(_ kind: OptimizerKind, biasRate: Float = 1) {
    self.kind = kind
    self.biasRate = biasRate
  }

  /// Updates one tensor in one pass over memory; `stepCount` is at least 1.
  func update(
    _ w: UnsafeMutableBufferPointer<Float>, gradient g: UnsafeBufferPointer<Float>,
    _ moments: inout Moments, learningRate: Float, momentum: Float
  ) {
    precondition(w.count == g.count && moments.first.count == w.count)
    nonisolated(unsafe) let (w, g) = (w, g)
    moments.first.withUnsafeMutableBufferPointer { m in
      nonisolated(unsafe) let m = m
      switch kind {
      case .sgd:
        Threads.split(w.count, grain: 1 << 15) { part in
          for i in part {
            m[i] = momentum * m[i] - learningRate * g[i]
            w[i] += m[i]
          }
        }
      case .adam:
        let (beta1, beta2, epsilon): (Float, Float, Float) = (0.9, 0.999, 1e-8)
        let step = Double(stepCount)
        let rate = learningRate / Float(1 - pow(Double(beta1), step))
        let correction = 1 / Float(1 - pow(Double(beta2), step))
        moments.second.withUnsafeMutableBufferPointer { v in
          nonisolated(unsafe) let v = v
          Threads.split(w.count, grain: 1 << 15) { part in
            // Without max the root, of what might be negative, is a call, and the loop no vector
            // code.
            for i in part {
              m[i] = beta1 * m[i] + (1 - beta1) * g[i]
              v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i]
              w[i] -= rate * m[i] / (max(0, v[i] * correction).squareRoot() + epsilon)
            }
          }
        }
      }
    }
  }
}
