import Collectives
import Datasets
import DenseMath
import XCTest

@testable import DeepClustering

final class WirePrecisionTests: XCTestCase {
  /// Each rank on a host of its own.
  private let world = OnHosts(World.shared, hosts: World.shared.size)

  func testHalvesAreRoundedToTheNearest() {
    func back(_ value: Float) -> Float {
      Float(bitPattern: UInt32(GradientMessages.half(value)) << 16)
    }
    XCTAssertEqual([1, -2, 0.5, 0].map { back($0) }, [1, -2, 0.5, 0])
    // Eight bits: 1 + 2⁻⁷ is the next, ties go to the even one.
    XCTAssertEqual(back(1 + 0x1p-8), 1)
    XCTAssertEqual(back(1 + 0x1.8p-8), 1 + 0x1p-7)
    XCTAssertEqual(back(1 + 0x1.8p-7), 1 + 0x1p-6)
    XCTAssertEqual(back(-.infinity), -.infinity)
    XCTAssert(back(.nan).isNaN)
    XCTAssert(back(Float(bitPattern: 0x7fff_ffff)).isNaN)
  }

  func testATrainingInHalvesIsCloseToOneInFloats() throws {
    var random = RandomStream(seed: 5, .sample)
    let samples = 64
    let lanes = Lanes(samples: samples, batchSize: 32, rank: world.rank, of: world.size)
    let all = Matrix(
      rows: samples, columns: 12,
      elements: (0..<samples * 12).map { _ in Float(random.normal()) })
    let shard = Shard(memory: InputRows(all.rows(lanes.documents)), range: lanes.documents)
    var parameters = PretrainingParameters()
    parameters.layers = [8, 3]
    parameters.batchSize = 32
    parameters.layerwiseIterations = 5
    parameters.finetuneIterations = 40
    parameters.initialization = .glorot
    let models = try [WirePrecision.float32, .bf16].map { precision in
      parameters.wirePrecision = precision
      return try Pretraining(parameters).fit(
        to: TrainingData(shard, samples: samples, over: world))
    }
    if world.size == 1 {
      XCTAssertEqual(models[0], models[1])
    } else {
      XCTAssertNotEqual(models[0], models[1])
    }
    for (a, b) in zip(models[0].stacked.layers, models[1].stacked.layers) {
      for (x, y) in zip(a.weight.elements, b.weight.elements) {
        XCTAssertEqual(x, y, accuracy: 0.01)
      }
    }
    // Every rank has the same.
    let sum = models[1].stacked.layers[0].weight.elements.reduce(Float(0), +)
    XCTAssertEqual(world.allReduce(sum, by: .maximum), world.allReduce(sum, by: .minimum))
  }
}
