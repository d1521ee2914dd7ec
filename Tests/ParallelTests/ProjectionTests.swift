import Collectives
import Datasets
import DenseMath
import TestSupport
import XCTest

@testable import DeepClustering

/// Latent semantic analysis, and the judgement of clusters that is made by it.
final class ProjectionTests: XCTestCase {
  private let world = World.shared
  private let samples = 331
  private let rows = sparseDocuments(331, features: 40, groups: 4)

  private func data(_ world: any Communicator, dense: Bool = false) -> TrainingData {
    let range = Lanes(samples: samples, batchSize: 48, rank: world.rank, of: world.size).documents
    let part = rows.rows(range)
    let shard = Shard(memory: dense ? InputRows(part.dense) : InputRows(part), range: range)
    return TrainingData(shard, samples: samples, over: world)
  }

  func testAxesHaveTheSameBits() {
    for dense in [false, true] {
      let axes = LatentSemanticAnalysis(of: data(world, dense: dense), dimensions: 6).axes
      let alone = LatentSemanticAnalysis(
        of: data(SoloCommunicator(), dense: dense), dimensions: 6
      ).axes
      XCTAssertEqual(axes, alone)
    }
  }

  /// Against the eigenvectors of XᵀX, all of them.
  func testAxesAreTheLeadingSingularVectors() {
    let axes = LatentSemanticAnalysis(of: data(world), dimensions: 4).axes
    let x = rows.dense.elements.map(Double.init)
    let (values, vectors) = symmetricEigenvectors(gramMatrix(x, columns: 40), 40)
    for c in 0..<4 {
      let expected = vectors[(39 - c) * 40..<(40 - c) * 40]
      let product = zip(expected, (0..<40).map { Double(axes[$0, c]) })
        .reduce(0) { $0 + $1.0 * $1.1 }
      XCTAssertEqual(abs(product), 1, accuracy: 1e-4, "axis \(c) of value \(values[39 - c])")
    }
  }

  func testMoreAxesThanFeaturesAreFeatures() {
    let axes = LatentSemanticAnalysis(of: data(world), dimensions: 100).axes
    XCTAssertEqual([axes.rows, axes.columns], [40, 40])
    XCTAssert(axes.withUnsafeElements { $0.allSatisfy(\.isFinite) })
  }

  /// The groups that the documents were made of explain most, moved documents less, and the share
  /// has the same bits everywhere.
  func testTrueGroupsExplainMost() {
    func share(_ world: any Communicator, moving each: Int) -> Double {
      let data = data(world)
      let clusters = data.shard.range.map { Int32(($0 % each == 0 ? $0 + 1 : $0) % 4) }
      return InputDirections(of: data).explainedShare(of: clusters, clusterCount: 4)
    }
    let (all, most, few) = (
      share(world, moving: 1000), share(world, moving: 10), share(world, moving: 3)
    )
    XCTAssertGreaterThan(all, most)
    XCTAssertGreaterThan(most, few)
    XCTAssertEqual(most, share(SoloCommunicator(), moving: 10))
  }

  /// Worked by hand: unit rows e1, e1, e2 and one of zeros in two clusters.
  func testTheExplainedShareOfAWorkedExample() {
    let x: Matrix = [[2, 0], [1, 0], [0, 3], [0, 0]]
    let data = TrainingData(
      Shard(memory: InputRows(x), range: 0..<4), samples: 4, over: SoloCommunicator())
    let explained = InputDirections(of: data)
    XCTAssertEqual(
      explained.explainedShare(of: [0, 0, 1, 1], clusterCount: 2), (2 + 0.5) / 4, accuracy: 1e-6)
    XCTAssertEqual(
      explained.explainedShare(of: [0, 1, 1, 0], clusterCount: 3), (0.5 + 1) / 4, accuracy: 1e-6)
  }

  /// Two codes of the same documents: in one the groups lie in other directions, in the other they
  /// lie in one direction and differ in length. The input's directions know which is right, at
  /// every number of ranks.
  func testTheCodeThatAgreesWithTheInputIsBest() throws {
    /// Documents of 3 groups whose directions are axes; lengths vary by `spread` within a group.
    func data(_ world: any Communicator, spread: Float) -> TrainingData {
      let n = 60
      let rows = share(of: n, part: world.rank, of: world.size)
      var x = Matrix(rows: rows.count, columns: 3)
      for (row, i) in rows.enumerated() { x[row, i % 3] = 1 + spread * Float(i / 3 % 9) }
      return TrainingData(
        Shard(memory: InputRows(x), range: rows), samples: n, over: world)
    }
    /// An encoder that keeps the input as it is, and one that adds up its features.
    func autoencoder(_ weight: Matrix) -> Autoencoder {
      let encoder = FeedForward([
        Dense(weight: weight, bias: [0, 0, 0], activation: .linear)
      ])
      return Autoencoder(encoder: encoder, decoder: encoder)
    }
    let (same, lengths): (Matrix, Matrix) = (
      [[1, 0, 0], [0, 1, 0], [0, 0, 1]], [[1, 0.2, 0], [3, 0.6, 0], [5, 1, 0]]
    )
    for world in [world, SoloCommunicator()] as [any Communicator] {
      func best(_ weight: Matrix, spread: Float, _ k: Int = 3) throws -> CodeForm {
        try InputDirections(of: data(world, spread: spread)).bestCode(
          of: autoencoder(weight), clusterCount: k, seed: 0)
      }
      XCTAssertEqual(try best(same, spread: 1), .unit)
      XCTAssertEqual(try best(lengths, spread: 0.01), .raw)
      XCTAssertEqual(try best(lengths, spread: 0.01, 61), .unit)
    }
  }
}
