import Collectives
import Datasets
import DenseMath
import TestSupport
import XCTest

@testable import DeepClustering

/// Against the numpy program of scripts/golden.
final class GoldenTests: XCTestCase {
  private func golden(_ name: String) throws -> Safetensors {
    let folder = "\(#filePath)".split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let path = folder.joined(separator: "/") + "/Golden/\(name).safetensors"
    return try Safetensors(WholeFile.read(path), path: path)
  }

  private func layers(
    _ file: Safetensors, _ name: String, _ activations: [Activation]
  ) throws -> FeedForward {
    FeedForward(
      try activations.enumerated().map { l, activation in
        let weight = try XCTUnwrap(file.tensors["\(name).\(l).weight"])
        return Dense(
          weight: Matrix(
            rows: weight.shape[0], columns: weight.shape[1], elements: weight.values
          ).transposed(),
          bias: try XCTUnwrap(file.tensors["\(name).\(l).bias"]).values, activation: activation)
      })
  }

  private func corpus(_ file: Safetensors, sparse: Bool) throws -> Shard {
    let x = try XCTUnwrap(file.tensors["x"])
    let dense = Matrix(rows: x.shape[0], columns: x.shape[1], elements: x.values)
    guard sparse else { return Shard(memory: InputRows(dense), range: 0..<dense.rows) }
    var rows = SparseRows(columns: dense.columns)
    for i in 0..<dense.rows {
      let kept = (0..<dense.columns).filter { dense[i, $0] != 0 }
      kept.map(Int32.init).withUnsafeBufferPointer { indices in
        kept.map { dense[i, $0] }.withUnsafeBufferPointer {
          rows.appendRow(indices: indices, values: $0)
        }
      }
    }
    return rows.shard(0..<dense.rows)
  }

  private func check(
    _ network: FeedForward, _ file: Safetensors, _ name: String, tolerance: Double = 1e-4
  ) throws {
    let expected = try layers(file, name, network.layers.map(\.activation))
    for l in network.layers.indices {
      assertClose(
        network.layers[l].weight, expected.layers[l].weight, relativeTolerance: tolerance,
        "\(name).\(l).weight")
      assertClose(
        network.layers[l].bias, expected.layers[l].bias, relativeTolerance: tolerance,
        "\(name).\(l).bias")
    }
  }

  func testKLPhase() throws {
    let file = try golden("kl_phase")
    for (exponent, name) in [(1.0, "expected"), (0.5, "expected_sqrt")] {
      for sparse in [false, true] {
        var encoder = try layers(file, "encoder", [.relu, .relu, .relu, .linear])
        let start = try XCTUnwrap(file.tensors["centroids"])
        var mu = Matrix(rows: 4, columns: 3, elements: start.values)
        var parameters = ClusteringParameters(clusterCount: 4)
        parameters.batchSize = 32
        parameters.targetUpdateInterval = 50
        parameters.maxIterations = 100
        parameters.labelChangeTolerance = 0
        parameters.frequencyExponent = exponent
        let data = TrainingData(
          try corpus(file, sparse: sparse), samples: 300, over: SoloCommunicator())

        let first = TargetRefresh(
          of: data, through: encoder, centroids: mu)
        assertClose(
          first.softAssignment(of: 0..<300).elements,
          try XCTUnwrap(file.tensors["\(name).q"]).values,
          relativeTolerance: 1e-6, "q")
        assertClose(
          first.softFrequencies.map { Float($0) },
          try XCTUnwrap(file.tensors["\(name).f"]).values, relativeTolerance: 1e-6, "f")
        let p = targetDistribution(
          softAssignment: first.softAssignment(of: 0..<300), softFrequencies: first.softFrequencies,
          exponent: exponent)
        assertClose(
          p.elements, try XCTUnwrap(file.tensors["\(name).p"]).values, relativeTolerance: 1e-5, "p")

        let before = mu
        let outcome = try ClusteringPhase(parameters).fit(&encoder, &mu, to: data)
        XCTAssertEqual(outcome.iterations, 100)
        XCTAssertEqual(outcome.refreshes, 3)
        try check(encoder, file, "\(name).encoder")
        let expected = try XCTUnwrap(file.tensors["\(name).centroids"]).values
        assertClose(mu.elements, expected, relativeTolerance: 1e-4, "centroids")
        // They did move, by far more than the tolerance.
        XCTAssertGreaterThan(relativeDistance(before.elements, expected), 1e-2)
        assertClose(
          outcome.final.softAssignment(of: 0..<300).elements,
          try XCTUnwrap(file.tensors["\(name).final_q"]).values, relativeTolerance: 1e-4, "final q")
      }
    }
  }

  func testPretraining() throws {
    let file = try golden("pretraining")
    for (name, ramp, decay) in [("expected", 1000, 20_000), ("expected_short", 20, 25)] {
      let start = Autoencoder(
        encoder: try layers(file, "encoder", [.relu, .linear]),
        decoder: try layers(file, "decoder", [.relu, .linear]))
      var parameters = Preset.paper.pretraining(samples: 300, kind: .text)
      parameters.layers = [16, 8]
      parameters.batchSize = 32
      parameters.layerwiseIterations = 60
      parameters.finetuneIterations = 60
      parameters.corruption = 0
      parameters.hiddenDropout = 0
      parameters.momentumRamp = ramp
      parameters.decayInterval = decay
      let watch = EventObserver { event in
        guard event.progress.iteration == 50, event.progress.phase == .finetune else { return }
        let losses = try XCTUnwrap(file.tensors["\(name).finetune.loss"]).values
        let mean = losses[..<50].reduce(0, +) / 50
        XCTAssertEqual(
          try XCTUnwrap(event.progress.loss), Double(mean), accuracy: 1e-4 * Double(mean))
      }
      let data = TrainingData(
        try corpus(file, sparse: true), samples: 300, over: SoloCommunicator())
      let model = try Pretraining(parameters).fit(to: data, from: start, observers: [watch])
      try check(model.encoder, file, "\(name).encoder")
      try check(model.decoder, file, "\(name).decoder")
    }
  }
}
