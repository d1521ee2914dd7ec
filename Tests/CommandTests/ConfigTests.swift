import Foundation
import XCTest

/// Options from files, and runs that are repeated or go on from another's folder.
final class ConfigTests: CommandTestCase {
  private let tiny =
    "--layers 16,8 --layerwise-iterations 2 --finetune-iterations 4 --batch-size 64 --restarts 2 "
    + "--quiet"

  private func json(_ name: String) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
    return try XCTUnwrap(JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  private func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
  }

  override func setUp() {
    super.setUp()
    XCTAssertEqual(
      try dec("prepare synthetic --documents 300 --output data --quiet").code, 0)
  }

  func testARunIsRepeatedByItsRecord() throws {
    let first = try dec(
      "train data --clusters 4 --output run --seed 3 --max-iterations 20 --update-interval 5 "
        + "--trials 2 --tolerance 0.0123 \(tiny)")
    XCTAssertEqual(first.code, 0, first.errors)
    let again = try dec("train --config run/run.json --output new", ranks: 2)
    XCTAssertEqual(again.code, 0, again.errors)
    for name in ["model.safetensors", "assignments.npy", "pretrained.safetensors", "ids.txt"] {
      XCTAssertEqual(try bytes("run/\(name)"), try bytes("new/\(name)"), name)
    }
    let (old, new) = (try json("run/run.json"), try json("new/run.json"))
    for key in ["pretraining", "clustering", "trials", "preset", "features"] {
      XCTAssertEqual(old[key] as? NSObject, new[key] as? NSObject, key)
    }
    let settings = try XCTUnwrap(new["clustering"] as? [String: Any])
    XCTAssertEqual(settings["update_interval"] as? Int, 5)
    XCTAssertEqual(settings["tolerance"] as? Double, 0.0123)
  }

  func testAFileOfOptions() throws {
    try write(
      "c.yaml",
      """
      # either spelling of a name
      data: data
      clusters: 3
      layers: [16, 8]
      layerwise_iterations: 2
      finetune-iterations: 4
      max_iterations: 10
      batch-size: 64
      tolerance: 1e-2
      shuffle: no
      freeze_encoder: true
      quiet: true
      trials:
      """)
    let result = try dec("train --config c.yaml --clusters 5 --output run")
    XCTAssertEqual(result.code, 0, result.errors)
    let record = try json("run/run.json")
    let clustering = try XCTUnwrap(record["clustering"] as? [String: Any])
    XCTAssertEqual(clustering["clusters"] as? Int, 5, "the command line wins")
    XCTAssertEqual(clustering["tolerance"] as? Double, 0.01)
    XCTAssertEqual(clustering["freeze_encoder"] as? Bool, true)
    XCTAssertEqual(clustering["shuffle"] as? Bool, false)
    let pretraining = try XCTUnwrap(record["pretraining"] as? [String: Any])
    XCTAssertEqual(pretraining["layers"] as? [Int], [16, 8])
  }

  func testFilesThatAreRefused() throws {
    for (text, code, message) in [
      ("clsuters: 4", 2, "c.json: dec train has no option clsuters; did you mean clusters?"),
      ("clusters: 0", 2, "--clusters is 0, but must be 1 to"),
      ("quiet: maybe", 2, "c.json: quiet is \"maybe\""),
      ("clusters: {a: 1}", 65, "line 1: the value of clusters"),
      ("a: [", 65, "c.json: is no YAML or JSON"), ("just words", 65, "holds no options"),
    ] as [(String, Int32, String)] {
      try write("c.json", text)
      for ranks in [1, 2] {
        let result = try dec("train data --config c.json --output run", ranks: ranks)
        XCTAssertEqual(result.code, code, "\(text): \(result.errors)")
        XCTAssert(result.errors.contains(message), "\(text): \(result.errors)")
      }
    }
    XCTAssertEqual(try dec("train data --config nowhere --output run").code, 1)
    // A number is refused as it was written, not rounded.
    for text in ["seed: 9007199254740993", "{\"seed\": 9007199254740993}"]
      + [#"{"format": "dec-run", "clustering": {"clusters": 3, "seed": 9007199254740993}}"#]
    {
      try write("c.json", text)
      let result = try dec("cluster data --clusters 3 --config c.json --output run")
      XCTAssertEqual(result.code, 2, result.errors)
      XCTAssert(
        result.errors.contains("--seed is 9007199254740993, but must be 0 to 2^40"), result.errors)
    }
  }

  func testClusteringInThePretrainingsOwnFolder() throws {
    XCTAssertEqual(
      try dec("pretrain data --output ae \(tiny.replacing("--restarts 2 ", ""))").code, 0)
    let pretrained = try bytes("ae/pretrained.safetensors")
    let before = try json("ae/run.json")
    let options = "data --clusters 3 --output ae --max-iterations 10 --batch-size 64 --quiet"
    let cluster = try dec("cluster \(options)")
    XCTAssertEqual(cluster.code, 0, cluster.errors)
    XCTAssertEqual(try bytes("ae/pretrained.safetensors"), pretrained, "its own input")
    let after = try json("ae/run.json")
    XCTAssertEqual(after["pretraining"] as? NSObject, before["pretraining"] as? NSObject)
    let outcome = try XCTUnwrap(after["outcome"] as? [String: Any])
    let phases = try XCTUnwrap(outcome["phases"] as? [[String: Any]])
    XCTAssertEqual(
      phases.map { $0["phase"] as? String },
      ["layerwise-1", "layerwise-2", "finetune", "kmeans", "kl"])
    let metrics = try read("ae/metrics.jsonl")
    XCTAssert(metrics.contains("\"finetune\"") && metrics.contains("\"kl\""), metrics)
    XCTAssertEqual(try dec("evaluate ae").code, 0)
    // Another clustering replaces that one only when told.
    let again = try dec("cluster \(options)")
    XCTAssertEqual(again.code, 2, again.errors)
    XCTAssert(again.errors.contains("holds a clustering already"), again.errors)
    let model = try bytes("ae/model.safetensors")
    XCTAssertEqual(try dec("cluster \(options) --model ae --overwrite").code, 0)
    XCTAssertEqual(try bytes("ae/model.safetensors"), model)
    XCTAssertEqual(try bytes("ae/pretrained.safetensors"), pretrained)
    XCTAssertEqual(
      try read("ae/metrics.jsonl").split(separator: "\n").count,
      metrics.split(separator: "\n").count)
  }

  func testClusteringDoesNotTakeATrainingsFolder() throws {
    let train = try dec(
      "train data --clusters 4 --output run --max-iterations 10 --trials 1 \(tiny)")
    XCTAssertEqual(train.code, 0, train.errors)
    let record = try bytes("run/run.json")
    for options in ["", "--overwrite", "--model run --overwrite"] {
      let cluster = try dec("cluster data --clusters 3 --output run \(options)")
      XCTAssertEqual(cluster.code, 2, cluster.errors)
      XCTAssert(cluster.errors.contains("another --output"), cluster.errors)
    }
    XCTAssertEqual(try bytes("run/run.json"), record)
  }
}
