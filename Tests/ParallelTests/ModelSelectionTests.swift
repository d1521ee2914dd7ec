import Collectives
import Datasets
import DeepClustering
import DenseMath
import ModelSelection
import TestSupport
import XCTest

/// The selection of k has the same bits at every number of ranks.
final class ModelSelectionTests: XCTestCase {
  private let batchSize = 48
  private let features = 40

  private func data(_ documents: [Int], _ world: any Communicator) -> TrainingData {
    let rows = sparseDocuments(240, features: features)
    let range = Lanes(
      samples: documents.count, batchSize: batchSize, rank: world.rank, of: world.size
    ).documents
    var chosen = SparseRows(columns: features)
    for document in documents[range] {
      let row = rows.rows(document..<document + 1)
      row.indices.withUnsafeBufferPointer { indices in
        row.values.withUnsafeBufferPointer { chosen.appendRow(indices: indices, values: $0) }
      }
    }
    return TrainingData(
      Shard(memory: InputRows(chosen), range: range), samples: documents.count, over: world)
  }

  private func curves(over world: any Communicator) throws -> [CurvePoint] {
    let all = data(Array(0..<240), world)
    var settings = Preset.default.pretraining(samples: 240, kind: .text)
    settings.layers = [24, 5]
    settings.batchSize = batchSize
    settings.layerwiseIterations = 10
    settings.finetuneIterations = 50
    settings.learningRate = 0.01
    let autoencoder = try Pretraining(settings).fit(to: all)
    var selection = ModelSelection(range: 2...3) { [batchSize] k, samples in
      var parameters = Preset.default.clustering(clusterCount: k, samples: samples, kind: .text)
      parameters.batchSize = batchSize
      return parameters
    }
    (selection.subsampleCount, selection.restarts, selection.maxIterations) = (3, 3, 10)
    let labels = all.shard.range.map { Int32($0 % 3) }
    return try selection.curves(
      of: ModelSelection.Documents(all, sample: all, labels: labels, graph: all) { [self] in
        data($0, world)
      }, from: autoencoder, settings)
  }

  func testTheSameBitsAndTheGroupsOfTheDocuments() throws {
    let shared = try curves(over: World.shared)
    XCTAssertEqual(shared, try curves(over: SoloCommunicator()))
    XCTAssertEqual(shared.map(\.clusters), [2, 3])
    // There are three groups.
    XCTAssertGreaterThan(shared[1].stability, shared[1].stabilityBaseline)
    XCTAssertGreaterThan(shared[1].nmi!, shared[0].nmi!)
    XCTAssertGreaterThan(shared[1].gap, shared[0].gap)
    XCTAssertGreaterThan(shared[1].inputEigengap, shared[0].inputEigengap)
    XCTAssertTrue(shared.allSatisfy { $0.generalizability > 0 && $0.iterations > 0 })
  }
}
