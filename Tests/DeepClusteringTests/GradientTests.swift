import DenseMath
import TestSupport
import XCTest

@testable import DeepClustering

/// Every gradient against central differences of a plain Double implementation; an error of 1 % in
/// any one term fails, shown by making it.
final class GradientTests: XCTestCase {
  private let tolerance = 1e-3

  private func network() -> FeedForward {
    var model = Autoencoder(inputs: 14, widths: [9, 7, 4], initialization: .glorot, seed: 3)
    for l in model.encoder.layers.indices {
      model.encoder.layers[l].bias =
        normalMatrix(1, model.encoder.layers[l].bias.count, scale: 0.3, seed: 20 + UInt64(l))
        .elements
      model.decoder.layers[l].bias =
        normalMatrix(1, model.decoder.layers[l].bias.count, scale: 0.3, seed: 30 + UInt64(l))
        .elements
    }
    return model.stacked
  }

  private struct Case {
    var gradient: [Double]
    var reference: ReferenceNetwork
    var parameters: [Double]
    var target: [[Double]]

    func error(
      lossKnob: Double = 1, _ turn: (inout ReferenceNetwork) -> Void = { _ in }
    ) -> Double {
      var reference = reference
      reference.parameterOrigin = parameters
      turn(&reference)
      let expected = slope(at: parameters) { p in
        let y = reference.outputs(p)
        var sum = 0.0
        for (y, x) in zip(y, target) {
          for (y, x) in zip(y, x) { sum += (y - x) * (y - x) }
        }
        return lossKnob * 0.5 * sum / Double(target.count * target[0].count)
      }
      return relativeDistance(gradient, expected)
    }
  }

  /// The reconstruction loss of a corrupted sparse or dense input through all layers with dropout.
  private func reconstruction(sparse: Bool, unit: Float? = nil) -> Case {
    var net = network()
    if let unit { net.layers[net.layers.count - 1].activation = .unit(scale: unit) }
    let rows = sparseDocuments(12, features: 14)
    let documents = Array(40..<52)
    var input = sparse ? InputRows(rows) : InputRows(rows.dense)
    let target = input
    Dropout(rate: 0.2, seed: 1, iteration: 0, layer: 0).apply(to: &input, documents: documents)
    let hidden = Dropout(rate: 0.3, seed: 1, iteration: 0, layer: 1)
    var pass = FeedForward.Pass(net)
    net.forward(input, in: &pass, documents: documents) { $0 == 1 ? hidden : nil }
    _ = reconstructionLoss(
      of: pass.output, against: target, batchCount: 12, documents: 0..<12,
      gradient: &pass.gradients[net.layers.count - 1])
    let gradient = plainGradient(of: net, input, &pass)

    var reference = ReferenceNetwork(net, inputs: sparse ? input.sparse.dense : input.dense)
    var mask = Matrix(rows: 12, columns: 7, elements: [Float](repeating: 1, count: 84))
    hidden.apply(to: &mask, documents: documents)
    reference.masks[1] = (0..<12).map { mask.row($0).map(Double.init) }
    return Case(
      gradient: ReferenceNetwork.parameters(gradient), reference: reference,
      parameters: ReferenceNetwork.parameters(net),
      target: (0..<12).map { rows.dense.row($0).map(Double.init) })
  }

  func testReconstructionGradientIsTheSlopeOfTheLoss() {
    for sparse in [false, true] {
      let test = reconstruction(sparse: sparse)
      XCTAssertLessThan(test.error(), tolerance)
    }
  }

  /// The way back through z = s c / ‖c‖.
  func testTheGradientThroughAUnitCodeIsTheSlopeOfTheLoss() {
    for scale: Float in [1, 2.5] {
      let test = reconstruction(sparse: true, unit: scale)
      XCTAssertLessThan(test.error(), tolerance)
      XCTAssertGreaterThan(test.error { $0.lengthKnob = 0.99 }, tolerance, "length")
      XCTAssertGreaterThan(test.error { $0.unitScale! *= 1.01 }, tolerance, "scale")
    }
  }

  /// A code of zeros has no direction: it stays, and nothing flows back through it.
  func testACodeOfZerosStaysZero() {
    var rows: Matrix = [[0, 0], [3, 4]]
    var lengths: [Float] = []
    rows.normalizeRows(to: 10, lengths: &lengths)
    XCTAssertEqual(rows, [[0, 0], [6, 8]])
    XCTAssertEqual(lengths, [0, 5])
    var gradient: Matrix = [[1, 1], [1, 0]]
    gradient.throughNormalization(to: 10, lengths: lengths, output: rows)
    assertClose(gradient, [[0, 0], [1.28, -0.96]], relativeTolerance: 1e-6)
  }

  func testAnErrorOfOnePercentInAnyTermOfTheReconstructionGradientFails() {
    for sparse in [false, true] {
      let test = reconstruction(sparse: sparse)
      XCTAssertGreaterThan(test.error(lossKnob: 1.01), tolerance, "loss")
      XCTAssertGreaterThan(test.error { $0.reluKnob = 1.01 }, tolerance, "ReLU")
      XCTAssertGreaterThan(test.error { $0.dropoutKnob = 1.01 }, tolerance, "dropout")
      XCTAssertGreaterThan(test.error { $0.biasKnob = 1.01 }, tolerance, "biases")
      XCTAssertGreaterThan(test.error { $0.weightKnob = 1.01 }, tolerance, "weights")
      // And in any one tensor.
      let net = network()
      var place = 0
      for layer in net.layers {
        for count in [layer.weight.elements.count, layer.bias.count] {
          var broken = test
          for i in place..<place + count { broken.gradient[i] *= 1.01 }
          let part = Case(
            gradient: Array(broken.gradient[place..<place + count]), reference: test.reference,
            parameters: test.parameters, target: test.target)
          let whole = Array(test.gradient[place..<place + count])
          XCTAssertGreaterThan(relativeDistance(part.gradient, whole), tolerance)
          place += count
        }
      }
    }
  }

  // MARK: Equations 4 and 5

  private let mu: Matrix = [
    [0.5, -0.2, 0.1], [-0.4, 0.3, 0.8], [0.1, 1.1, -0.6], [1.5, 0.2, 0.4],
  ]

  private static func loss(_ z: [Double], _ mu: [Double], _ p: [Double], alpha: Double) -> Double {
    let (n, k, c) = (z.count / 3, mu.count / 3, 3)
    var sum = 0.0
    for i in 0..<n {
      let kernel = (0..<k).map { j in
        let d = (0..<c).reduce(0.0) {
          $0 + (z[i * c + $1] - mu[j * c + $1]) * (z[i * c + $1] - mu[j * c + $1])
        }
        return pow(1 + d / alpha, -(alpha + 1) / 2)
      }
      let total = kernel.reduce(0, +)
      for j in 0..<k { sum += p[i * k + j] * log(p[i * k + j] / (kernel[j] / total)) }
    }
    return sum
  }

  func testEquations4And5AreTheSlopesOfEquation2() {
    for alpha in [1.0, 2.5] {
      let z = normalMatrix(9, 3, seed: 5)
      let q = softAssignment(z, mu, alpha: Float(alpha))
      let f = (0..<4).map { j in (0..<9).reduce(0.0) { $0 + Double(q[$1, j]) } }
      let p = targetDistribution(softAssignment: q, softFrequencies: f)
      let m = pull(z, mu, p, q, alpha: Float(alpha))
      let (dz, dmu) = (embeddingGradient(z, mu, pull: m), centroidGradient(z, mu, pull: m))
      let (zs, mus, ps) = (
        z.elements.map(Double.init), mu.elements.map(Double.init), p.elements.map(Double.init)
      )
      let slopeZ = slope(at: zs) { Self.loss($0, mus, ps, alpha: alpha) }
      let slopeMu = slope(at: mus) { Self.loss(zs, $0, ps, alpha: alpha) }
      let (a, b) = (dz.elements.map(Double.init), dmu.elements.map(Double.init))
      XCTAssertLessThan(relativeDistance(a, slopeZ), 1e-4)
      XCTAssertLessThan(relativeDistance(b, slopeMu), 1e-4)
      // 1 % in α, in the targets' weight, or in a sign's balance shows.
      XCTAssertGreaterThan(relativeDistance(a.map { 1.01 * $0 }, slopeZ), 1e-3)
      XCTAssertGreaterThan(relativeDistance(b.map { 1.01 * $0 }, slopeMu), 1e-3)
      let wrong = pull(z, mu, p, q, alpha: Float(alpha * 1.01))
      XCTAssertGreaterThan(
        relativeDistance(embeddingGradient(z, mu, pull: wrong).elements.map(Double.init), slopeZ),
        1e-3)
      XCTAssertGreaterThan(
        relativeDistance(centroidGradient(z, mu, pull: wrong).elements.map(Double.init), slopeMu),
        1e-3)
    }
  }

  func testTheKLGradientReachesTheSparseFirstLayer() {
    let model = Autoencoder(inputs: 14, widths: [9, 3], initialization: .glorot, seed: 8)
    var encoder = model.encoder
    // An empty document would sit on the kink of every unit without a bias.
    encoder.layers[0].bias = normalMatrix(1, 9, scale: 0.3, seed: 4).elements
    let rows = sparseDocuments(10, features: 14)
    var pass = FeedForward.Pass(encoder)
    encoder.forward(InputRows(rows), in: &pass)
    let z = pass.output
    let q = softAssignment(z, mu)
    let p = targetDistribution(softAssignment: q, softFrequencies: [3, 2, 2, 3])
    pass.gradients[1] = embeddingGradient(z, mu, pull: pull(z, mu, p, q, scale: 0.1))
    let gradient = plainGradient(of: encoder, InputRows(rows), &pass)
    var reference = ReferenceNetwork(encoder, inputs: rows.dense)
    let parameters = ReferenceNetwork.parameters(encoder)
    reference.parameterOrigin = parameters
    let expected = slope(at: parameters) {
      Self.loss(
        reference.outputs($0).flatMap { $0 }, mu.elements.map(Double.init),
        p.elements.map(Double.init), alpha: 1) / 10
    }
    let ours = ReferenceNetwork.parameters(gradient)
    XCTAssertLessThan(relativeDistance(ours, expected), tolerance)
    XCTAssertGreaterThan(relativeDistance(ours.map { $0 * 1.01 }, expected), tolerance)
  }
}
