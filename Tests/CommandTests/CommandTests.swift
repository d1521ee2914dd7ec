import Foundation
import XCTest

/// The built `dec`, end to end on tiny data, without and under mpirun.
final class CommandTests: CommandTestCase {
  private let tiny =
    "--layers 16,8 --layerwise-iterations 5 --finetune-iterations 10 --max-iterations 20 "
    + "--batch-size 64 --restarts 2 --trials 2 --quiet"

  private func prepare() throws {
    XCTAssertEqual(try dec("prepare synthetic --documents 300 --output data").code, 0)
  }

  func testFromACorpusToScores() throws {
    try prepare()
    let inspect = try dec("inspect data")
    XCTAssert(inspect.output.contains("documents     300"), inspect.output)
    for ranks in [1, 3] {
      let train = try dec("train data --clusters 4 --output run\(ranks) \(tiny)", ranks: ranks)
      XCTAssertEqual(train.code, 0, train.errors)
    }
    for name in [
      "run.json", "metrics.jsonl", "model.safetensors", "pretrained.safetensors", "assignments.npy",
      "soft_assignment.npy", "embedding.npy", "assignments.tsv", "initial_assignments.npy",
      "report.html",
    ] {
      XCTAssert(FileManager.default.fileExists(atPath: "\(folder)/run1/\(name)"), name)
    }
    let models = try [1, 3].map {
      try Data(contentsOf: URL(fileURLWithPath: "\(folder)/run\($0)/model.safetensors"))
    }
    XCTAssertEqual(models[0], models[1], "the model depends on the number of ranks")
    let scores = try dec("evaluate run3")
    let json = try XCTUnwrap(
      JSONSerialization.jsonObject(with: Data(scores.output.utf8)) as? [String: Any])
    XCTAssertEqual(
      Set(json.keys),
      ["samples", "acc", "nmi", "ari", "clusters", "classes", "confusion", "mapping"])
    XCTAssertEqual(json["samples"] as? Int, 300)
    let lines = try String(contentsOfFile: "\(folder)/run1/assignments.tsv", encoding: .utf8)
    XCTAssertEqual(lines.split(separator: "\n").count, 301)
  }

  func testPretrainThenCluster() throws {
    try prepare()
    let options = "--layers 16,8 --layerwise-iterations 5 --finetune-iterations 10 --quiet"
    XCTAssertEqual(try dec("pretrain data --output ae \(options)", ranks: 2).code, 0)
    let cluster = try dec(
      "cluster data --clusters 3 --model ae --output run --max-iterations 10 --quiet")
    XCTAssertEqual(cluster.code, 0, cluster.errors)
    let other = try dec("cluster data --clusters 3 --model nowhere --output run2")
    XCTAssertEqual(other.code, 2, other.errors)
  }

  func testEvaluateFiles() throws {
    try "0\n0\n1\n1\n-1\n".write(toFile: folder + "/l", atomically: true, encoding: .utf8)
    try "1\n1\n0\n1\n0\n".write(toFile: folder + "/a", atomically: true, encoding: .utf8)
    let scores = try dec("evaluate --labels l --assignments a")
    XCTAssert(scores.output.contains("\"acc\":0.75"), scores.output)
    XCTAssert(scores.output.contains("\"mapping\":[1,0]"), scores.output)
  }

  func testWrongUsageIsExitCode2AtEveryNumberOfRanks() throws {
    try prepare()
    try FileManager.default.createDirectory(
      atPath: folder + "/used/x", withIntermediateDirectories: true)
    for ranks in [1, 3] {
      for arguments in [
        "train data --clusters 301 --output run", "train data --clusters 4 --output used",
        "train data --clusters 4 --output run --no-such-option", "train data --output run",
        "train data --clusters 0 --output run", "prepare synthetic --output used",
      ] {
        let result = try dec(arguments, ranks: ranks)
        XCTAssertEqual(result.code, 2, "\(arguments) at \(ranks): \(result.errors)")
        let ours = result.errors.split(separator: "\n").filter { $0.hasPrefix("dec: ") }
        XCTAssertEqual(ours.count, 1, result.errors)
      }
    }
    XCTAssertEqual(
      try dec("train data --clusters 4 --output run --batch-size 2", ranks: 3).code, 2)
    XCTAssertFalse(FileManager.default.fileExists(atPath: folder + "/run"))
  }

  func testBadInputIsExitCode65AtEveryNumberOfRanks() throws {
    try prepare()
    try "{\"text\": \n".write(toFile: folder + "/bad.jsonl", atomically: true, encoding: .utf8)
    var data = try Data(contentsOf: URL(fileURLWithPath: folder + "/data/data.npy"))
    data[data.count - 1] ^= 1
    try data.write(to: URL(fileURLWithPath: folder + "/data/data.npy"))
    for ranks in [1, 3] {
      for arguments in [
        "train data --clusters 4 --output run", "prepare text bad.jsonl --output other",
      ] {
        let result = try dec(arguments, ranks: ranks)
        XCTAssertEqual(result.code, 65, "\(arguments) at \(ranks): \(result.errors)")
        let ours = result.errors.split(separator: "\n").filter { $0.hasPrefix("dec: ") }
        XCTAssertEqual(ours.count, 1, result.errors)
      }
    }
    for name in ["run", "other"] {
      XCTAssertFalse(FileManager.default.fileExists(atPath: "\(folder)/\(name)"), name)
    }
  }

  /// Layers of terabytes, and a limit that any large allocation would meet before the refusal.
  func testARunThatNeedsMoreMemoryThanThereIsIsRefused() throws {
    try prepare()
    for ranks in [1, 2] {
      for command in ["train data --clusters 4", "pretrain data"] {
        let result = try shell(
          "ulimit -v 8000000; timeout 600 \(Self.launcher(ranks))\"$DEC\" \(command) "
            + "--layers 1048575,1048575 --output run")
        XCTAssertEqual(result.code, 1, result.all)
        let ours = result.errors.split(separator: "\n").filter { $0.hasPrefix("dec: ") }
        XCTAssertEqual(ours.count, 1, result.errors)
        let parts = [
          "\(ranks) ranks on a host need about ", " GB are available: ", "lower the features",
        ]
        for part in parts { XCTAssert(ours.first?.contains(part) ?? false, result.errors) }
        XCTAssertFalse(FileManager.default.fileExists(atPath: folder + "/run"))
      }
    }
  }

  func testHelpHasAnExampleOfEveryCommand() throws {
    for command in [
      "", "prepare", "prepare lyrl2004", "prepare text", "prepare idx", "prepare synthetic",
      "inspect", "train", "pretrain", "cluster", "evaluate", "report",
    ] {
      let help = try dec("\(command) --help")
      XCTAssertEqual(help.code, 0)
      XCTAssert(help.output.contains("Example:"), command)
    }
    let version = try dec("--version")
    XCTAssert(version.output.contains("OpenBLAS") && version.output.contains("Open MPI"))
  }
}
