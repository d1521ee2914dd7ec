import DeepClustering
import FoundationEssentials
import XCTest

@testable import Runs

/// `run.json`: its names, and the files of earlier versions.
final class RunRecordTests: XCTestCase {
  private func read(_ text: String) throws -> RunRecord {
    try JSONDecoder().decode(RunRecord.self, from: Data(text.utf8))
  }

  private func fullRecord() -> RunRecord {
    var record = RunRecord()
    record.command = "train"
    record.trials = 2
    record.initialCentroids = "/c.npy"
    record.pretraining = Preset.default.pretraining(samples: 100, kind: .text)
    record.pretraining?.learningRate = 0.1 + 0.2  // which decimals often lose
    record.clustering = Preset.default.clustering(clusterCount: 7, samples: 100, kind: .text)
    record.clustering?.targetUpdateInterval = nil
    record.clustering?.maxIterations = nil
    record.clustering?.wirePrecision = .bf16
    record.pretraining?.augments = true
    record.clustering?.augments = true
    record.outcome.phases = [.init(phase: "kl", seconds: 2, iterations: 3, loss: nil)]
    record.outcome.trials = [.init(seed: 3, agreement: 1, initial: nil, final: nil)]
    record.outcome.files["model.safetensors"] = .init(bytes: 7, crc32: .max)
    return record
  }

  func testWhatIsWrittenIsRead() throws {
    let record = fullRecord()
    let json = try JSONEncoder().encode(record)
    XCTAssertEqual(try JSONDecoder().decode(RunRecord.self, from: json), record)
  }

  func testEveryKeyIsInLowerCase() throws {
    func check(_ json: JSON, _ path: String) {
      for (key, value) in json.entries where key != "files" {
        XCTAssertEqual(key, key.lowercased(), path)
        check(value, "\(path).\(key)")
      }
      for element in json.elements { check(element, path) }
    }
    let json = try JSONEncoder().encode(fullRecord())
    check(try JSONDecoder().decode(JSON.self, from: json), "")
  }

  func testWhatIsMissingKeepsItsDefault() throws {
    XCTAssertEqual(try read("{}"), RunRecord())
    let record = try read(#"{"clustering": {"clusters": 3}, "pretraining": {"seed": 5}}"#)
    XCTAssertEqual(record.clustering, ClusteringParameters(clusterCount: 3))
    XCTAssertEqual(record.pretraining?.seed, 5)
    XCTAssertEqual(record.pretraining?.layers, [500, 500, 2000, 10])
    XCTAssertThrowsError(try read(#"{"clustering": {"clusters": "many"}}"#))
  }

  /// As dec 0.1.0 wrote it: no interval and no limit were left out.
  func testVersion1() throws {
    let record = try read(
      """
      {"format": "dec-run", "version": 1, "command": "train", "preset": "default",
       "clustering": {"clusterCount": 4, "labelChangeTolerance": 0.01, "batchSize": 128,
         "learningRate": 0.02, "momentum": 0.8, "biasRate": 1, "codeScale": 1,
         "frequencyExponent": 0, "corruption": 0.3, "freezesEncoder": true, "restarts": 5,
         "shuffles": true, "isReproducible": true, "seed": 9},
       "pretraining": {"layers": [16, 8], "learningRate": 0.5, "biasRate": 3, "batchSize": 64,
         "layerwiseIterations": 1, "finetuneIterations": 2, "corruptsData": true,
         "hiddenDropout": 0.1, "finetuneCorruption": 0.4, "shuffles": true,
         "isReproducible": true, "wirePrecision": "bf16", "momentumRamp": 7, "decayInterval": 8},
       "dataset": {"path": "/data", "fingerprint": "1-2", "samples": 3, "features": 4,
         "nonzeros": 5, "layout": "csr", "class_names": ["a"]},
       "outcome": {"status": "finished", "phases": []}}
      """)
    var clustering = ClusteringParameters(clusterCount: 4)
    (clustering.targetUpdateInterval, clustering.maxIterations) = (nil, nil)
    (clustering.labelChangeTolerance, clustering.learningRate) = (0.01, 0.02)
    (clustering.batchSize, clustering.momentum, clustering.biasRate) = (128, 0.8, 1)
    (clustering.codeScale, clustering.frequencyExponent, clustering.corruption) = (1, 0, 0.3)
    (clustering.freezesEncoder, clustering.restarts, clustering.seed) = (true, 5, 9)
    (clustering.shuffles, clustering.isReproducible) = (true, true)
    XCTAssertEqual(record.clustering, clustering)
    let pretraining = try XCTUnwrap(record.pretraining)
    XCTAssertEqual(pretraining.learningRate, 0.5)
    XCTAssertEqual(pretraining.wirePrecision, .bf16)
    XCTAssertEqual([pretraining.momentumRamp, pretraining.decayInterval], [7, 8])
    XCTAssertEqual(pretraining.finetuneCorruption, 0.4)
    XCTAssertEqual(record.dataset.classNames, ["a"])
    XCTAssert(record.isFinished)
  }

  func testOptionsOfARecord() throws {
    var record = fullRecord()
    record.dataset.path = "/data"
    let options = Dictionary(
      uniqueKeysWithValues: try record.options(of: "train").map { ($0.name, $0.value) })
    XCTAssertEqual(options["data"], "/data")
    XCTAssertEqual(options["layers"], "500,500,2000,30")
    XCTAssertEqual(options["update-interval"], "0")
    XCTAssertEqual(options["pretrain-learning-rate"], "0.30000000000000004")
    XCTAssertEqual(options["trials"], "2")
    XCTAssertEqual(options["reproducible"], "true")
    XCTAssertEqual(options["augment"], "true")
    XCTAssertNil(options["threads"])
    XCTAssertNil(try record.options(of: "cluster").first { $0.name == "layers" })
  }

  /// A Double would have rounded it.
  func testWholeNumbersOfARecordKeepTheirDigits() throws {
    for seed in [(1 << 53) + 1, Int.max, -(1 << 53) - 1] {
      var record = fullRecord()
      record.clustering?.seed = seed
      let json = try JSONEncoder().encode(record)
      let options = try JSONDecoder().decode(RunRecord.self, from: json).options(of: "cluster")
      XCTAssertEqual(options.first { $0.name == "seed" }?.value, "\(seed)")
    }
  }
}
