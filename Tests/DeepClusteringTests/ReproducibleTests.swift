import Collectives
import DenseMath
import TestSupport
import XCTest

@testable import DeepClustering

final class ReproducibleTests: XCTestCase {
  /// Rounded to 8 bits, the gradient is the plain one to within a hundredth.
  func testReproducibleGradientsAreNearThePlainOnes() {
    let net = Autoencoder(inputs: 40, widths: [30, 5], initialization: .glorot, seed: 2).stacked
    let rows = sparseDocuments(100, features: 40)
    for sparse in [false, true] {
      func backward(_ reproducible: Bool) -> FeedForward {
        var x = sparse ? InputRows(rows) : InputRows(rows.dense)
        let target = x
        let batch = TiledBatch(first: 20, count: 100)
        var documents = 0..<100
        if reproducible {
          x.pad(before: batch.before, after: batch.after)
          documents = batch.rows
        }
        var padded = target
        if reproducible { padded.pad(before: batch.before, after: batch.after) }
        var pass = FeedForward.Pass(net, tile: reproducible ? TiledBatch.tile : nil)
        net.forward(x, in: &pass)
        _ = reconstructionLoss(
          of: pass.output, against: padded, batchCount: 100, documents: documents,
          gradient: &pass.gradients[3])
        var gradient = net.zeros
        if reproducible {
          var weights = net
          let exchange = GradientExchange(
            &weights, gradient: &gradient, extras: 1, over: SoloCommunicator())
          net.backwardReproducibly(
            &x, in: &pass, gradient: &gradient, batch: batch, batchCount: 100, exchange: exchange)
          var none: [Float] = []
          exchange.finish(into: &gradient, extras: &none)
          net.scale(&gradient, in: pass, part: exchange.part(of:))
        } else {
          net.backward(x, in: &pass, gradient: &gradient)
        }
        return gradient
      }
      let (plain, rounded) = (backward(false), backward(true))
      XCTAssertNotEqual(plain, rounded)
      for l in net.layers.indices {
        assertClose(
          rounded.layers[l].weight, plain.layers[l].weight, relativeTolerance: 0.01, "weight \(l)")
        assertClose(
          rounded.layers[l].bias, plain.layers[l].bias, relativeTolerance: 0.01, "bias \(l)")
      }
    }
  }

  func testLanesTakeOneDocumentOfEachInTurn() {
    var lanes = Lanes(samples: 10, batchSize: 4, rank: 0, of: 1)
    var batch: [Int] = []
    lanes.minibatch(0, into: &batch)
    XCTAssertEqual(batch, [0, 2, 5, 7])
    lanes.minibatch(1, into: &batch)
    XCTAssertEqual(batch, [1, 3, 6, 8])
    lanes.minibatch(2, into: &batch)
    XCTAssertEqual(batch, [0, 4, 5, 9])
  }

  func testRanksShareTheMinibatchOfOne() {
    for seed in [nil, UInt64(7)] {
      for size in 1...5 {
        var alone = Lanes(samples: 103, batchSize: 16, shuffleSeed: seed, rank: 0, of: 1)
        var parts = (0..<size).map {
          Lanes(samples: 103, batchSize: 16, shuffleSeed: seed, rank: $0, of: size)
        }
        for iteration in 0..<20 {
          var (whole, part, together): ([Int], [Int], [Int]) = ([], [], [])
          alone.minibatch(iteration, into: &whole)
          for r in 0..<size {
            parts[r].minibatch(iteration, into: &part)
            XCTAssert(part.allSatisfy(parts[r].documents.contains))
            together += part
          }
          XCTAssertEqual(together, whole)
        }
      }
    }
  }

  func testShuffledLanesGiveEveryDocumentOnceAnEpoch() {
    var lanes = Lanes(samples: 64, batchSize: 16, shuffleSeed: 3, rank: 0, of: 1)
    var (batch, seen): ([Int], [Int]) = ([], [])
    for iteration in 0..<4 {
      lanes.minibatch(iteration, into: &batch)
      seen += batch
    }
    XCTAssertEqual(seen.sorted(), Array(0..<64))
  }

  func testAModelComesBackFromItsFile() throws {
    var model = Model(
      autoencoder: Autoencoder(inputs: 6, widths: [5, 3], initialization: .glorot, seed: 1),
      centroids: normalMatrix(2, 3, seed: 1), metadata: ["preset": "paper \"x\""])
    model.autoencoder.encoder.layers[0].bias[2] = 0.25
    let bytes = model.safetensors.bytes
    XCTAssertEqual(try Model(Safetensors(bytes, path: "m"), path: "m"), model)
    XCTAssertEqual(model.safetensors.tensors["encoder.0.weight"]?.shape, [5, 6])
    for cut in [0, 7, 8, 30, bytes.count - 1] {
      XCTAssertThrowsError(try Safetensors(Array(bytes[..<cut]), path: "m"))
    }
  }
}
