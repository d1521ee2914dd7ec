import Collectives
import Datasets
import DenseMath
import TestSupport

@testable import DeepClustering

// The formulas of the phase as functions that return what the library writes into memory it keeps.

func targetDistribution(
  softAssignment q: Matrix, softFrequencies f: [Double], exponent: Double = 1
) -> Matrix {
  var p = q
  targetDistribution(inPlaceOf: &p, softFrequencies: f, exponent: exponent)
  return p
}

func pull(
  _ z: Matrix, _ mu: Matrix, _ p: Matrix, _ q: Matrix, alpha: Float = 1, scale: Float = 1
) -> Matrix {
  var m = Matrix(rows: 0, columns: mu.rows)
  pull(z, mu, p, q, alpha: alpha, scale: scale, into: &m)
  return m
}

func embeddingGradient(_ z: Matrix, _ mu: Matrix, pull m: Matrix) -> Matrix {
  var gradient = Matrix(rows: 0, columns: z.columns)
  embeddingGradient(z, mu, pull: m, into: &gradient)
  return gradient
}

func centroidGradient(_ z: Matrix, _ mu: Matrix, pull m: Matrix) -> Matrix {
  var gradient = [Float](repeating: 1, count: mu.count)
  centroidGradient(z, mu, pull: m, into: &gradient)
  return Matrix(rows: mu.rows, columns: mu.columns, elements: gradient)
}

/// The gradient of all layers by plain backpropagation of `pass.gradients.last`.
func plainGradient(
  of network: FeedForward, _ x: InputRows, _ pass: inout FeedForward.Pass
) -> FeedForward {
  var x = x
  let shard = Shard(memory: x, range: 0..<x.rows)
  let data = TrainingData(shard, samples: x.rows, over: SoloCommunicator())
  let parameters = SharedParameters(network, optimizer: .sgd, sumCount: 2, over: data.world)
  let rule = PlainGradients()
  let minibatch = Minibatch(of: data, batchSize: x.rows, shuffleSeed: nil)
  rule.backward(&x, in: &pass, of: minibatch, to: parameters)
  var sums = StepSums()
  rule.finishSums(&sums, in: parameters)
  return parameters.gradient
}

extension SparseRows {
  /// All rows as the documents of one rank.
  var data: TrainingData { TrainingData(shard(0..<rows), samples: rows, over: SoloCommunicator()) }
}
