import Collectives
import Datasets
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
        let x = sparse ? InputRows(rows) : InputRows(rows.dense)
        let data = TrainingData(
          Shard(memory: x, range: 0..<100), samples: 100, over: SoloCommunicator())
        var minibatch = Minibatch(of: data, batchSize: 100, shuffleSeed: nil)
        let rule: any GradientRule = reproducible ? ExactGradients(for: net) : PlainGradients()
        minibatch.load(0, from: data.shard, tile: rule.tile)
        var input = minibatch.inputs
        var pass = FeedForward.Pass(net, tile: rule.tile)
        net.forward(input, in: &pass)
        _ = reconstructionLoss(
          of: pass.output, against: minibatch.inputs, batchCount: 100,
          documents: minibatch.documentRows, gradient: &pass.gradients[3])
        var sums = StepSums()
        let parameters = SharedParameters(
          net, optimizer: .sgd, sumCount: sums.values.count, over: data.world)
        rule.backward(&input, in: &pass, of: minibatch, to: parameters)
        rule.finishSums(&sums, in: parameters)
        return parameters.gradient
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
