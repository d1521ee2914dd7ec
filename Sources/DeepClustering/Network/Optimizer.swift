import DenseMath
import Glibc

/// The update rule of a training phase.
public enum OptimizerKind: String, Codable, Sendable, CaseIterable {
  /// v ← m v − η g, w ← w + v: Caffe's, and the paper's.
  case sgd
  /// Kingma and Ba 2015, β = (0.9, 0.999), ε = 1e-8.
  case adam
}

/// Updates parameters from their gradients; keeps the moments. The same on every rank, so that
/// replicas stay equal bit for bit.
public struct Optimizer: Sendable {
  public let kind: OptimizerKind
  /// Biases learn at this multiple of the rate; 2 in the authors' code.
  public let biasRate: Float
  private var first: [[Float]] = []
  private var second: [[Float]] = []
  private var stepCount = 0
  private var tensor = 0

  public init(_ kind: OptimizerKind, biasRate: Float = 1) {
    self.kind = kind
    self.biasRate = biasRate
  }

  /// Forgets the moments, as the authors' KL phase does at each target update.
  public mutating func reset() {
    for t in first.indices {
      for i in first[t].indices { first[t][i] = 0 }
    }
    for t in second.indices {
      for i in second[t].indices { second[t][i] = 0 }
    }
    stepCount = 0
  }

  /// Starts a step: the tensors follow by `update`, in the same order in every step.
  public mutating func beginStep() {
    stepCount += 1
    tensor = 0
  }

  /// Updates all layers of a network.
  ///
  /// - Parameter part: Which rows of a weight, of so many, are updated; all biases are.
  public mutating func update(
    _ network: inout FeedForward, gradient: FeedForward, learningRate: Float, momentum: Float,
    part: (Int) -> Range<Int> = { 0..<$0 }
  ) {
    for l in network.layers.indices {
      let weight = gradient.layers[l].weight
      let rows = part(weight.rows)
      let elements = rows.lowerBound * weight.columns..<rows.upperBound * weight.columns
      weight.withUnsafeElements { g in
        network.layers[l].weight.withUnsafeMutableElements { w in
          update(
            .init(rebasing: w[elements]), gradient: .init(rebasing: g[elements]),
            learningRate: learningRate, momentum: momentum)
        }
      }
      gradient.layers[l].bias.withUnsafeBufferPointer { g in
        network.layers[l].bias.withUnsafeMutableBufferPointer { b in
          update(b, gradient: g, learningRate: learningRate * biasRate, momentum: momentum)
        }
      }
    }
  }

  /// Updates one tensor in one pass over memory.
  public mutating func update(
    _ w: UnsafeMutableBufferPointer<Float>, gradient g: UnsafeBufferPointer<Float>,
    learningRate: Float, momentum: Float
  ) {
    precondition(w.count == g.count)
    if tensor == first.count {
      first.append([Float](repeating: 0, count: w.count))
      second.append([Float](repeating: 0, count: kind == .adam ? w.count : 0))
    }
    defer { tensor += 1 }
    nonisolated(unsafe) let (w, g) = (w, g)
    first[tensor].withUnsafeMutableBufferPointer { m in
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
        second[tensor].withUnsafeMutableBufferPointer { v in
          nonisolated(unsafe) let v = v
          Threads.split(w.count, grain: 1 << 15) { part in
            // Without max the root, of what might be negative, is a call, and the loop no vector code.
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
