import Foundation
import XCTest

/// A run folder tells the truth: each test is a way in which one could lie.
final class RunFolderTests: CommandTestCase {
  /// Some seconds after its first event.
  private var lasting: String {
    tinyTraining.replacing("layerwise-iterations 2", "layerwise-iterations 100")
      .replacing("finetune-iterations 4", "finetune-iterations 200")
  }
  /// So long that it is at work when the test stops or ends it.
  private let long =
    "--clusters 4 --layers 64,8 --layerwise-iterations 20000 --finetune-iterations 100000 --quiet"

  private let helpers = """
    # Starts a training that lasts, and returns when it is at work: $pid.
    begin() {
      "$DEC" train "$@" & pid=$!
      until [ -s "$RUN/metrics.jsonl" ] || ! kill -0 $pid; do sleep .02; done
    }

    """

  private func prepare(_ name: String = "data", _ options: String = "") throws {
    let result = try dec("prepare synthetic --documents 300 --output \(name) \(options)")
    XCTAssertEqual(result.code, 0, result.errors)
  }

  private func train(_ name: String = "run", _ options: String = "") throws {
    let result = try dec("train data --clusters 4 --output \(name) \(tinyTraining) \(options)")
    XCTAssertEqual(result.code, 0, result.errors)
  }

  private func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
  }

  private func json(_ name: String) throws -> [String: Any] {
    try XCTUnwrap(JSONSerialization.jsonObject(with: bytes(name)) as? [String: Any])
  }

  // MARK: What a run leaves

  func testIdsAreInTheOrderOfTheArrays() throws {
    try prepare()
    try train()
    XCTAssertEqual(try read("run/ids.txt"), try read("data/ids.txt"))
    let lines = try read("run/assignments.tsv").split(separator: "\n").dropFirst()
    XCTAssertEqual(
      lines.map { $0.prefix { $0 != "\t" } }, try read("run/ids.txt").split(separator: "\n"))
    XCTAssertEqual(
      try names(in: "run"),
      [
        "run.json", "metrics.jsonl", "model.safetensors", "pretrained.safetensors", "ids.txt",
        "vocabulary.tsv", "assignments.npy", "assignments.tsv", "initial_assignments.npy",
        "soft_assignment.npy", "embedding.npy", "report.html", "topics.tsv",
      ])
  }

  /// A model of a sample assigns all documents, the same at every number of ranks.
  func testASampleTrainsAndTheOthersAreAssigned() throws {
    try prepare()
    try train("run", "--train-on 120")
    XCTAssertEqual(try read("run/assignments.tsv").split(separator: "\n").count, 301)
    let record = try json("run/run.json")
    XCTAssertEqual(record["train_on"] as? Int, 120)
    let result = try dec(
      "train data --clusters 4 --output two \(tinyTraining) --train-on 120", ranks: 2)
    XCTAssertEqual(result.code, 0, result.errors)
    for name in ["assignments.npy", "initial_assignments.npy", "embedding.npy"] {
      XCTAssertEqual(try bytes("two/\(name)"), try bytes("run/\(name)"), name)
    }
    // It is what the model itself says of the documents.
    let assigned = try dec("assign run data --output all.npy")
    XCTAssertEqual(assigned.code, 0, assigned.errors)
    XCTAssertEqual(try bytes("all.npy"), try bytes("run/assignments.npy"))
    // The record repeats it, sample included.
    let again = try dec("train --config run/run.json --output again --quiet")
    XCTAssertEqual(again.code, 0, again.errors)
    XCTAssertEqual(try bytes("again/assignments.npy"), try bytes("run/assignments.npy"))
    assertRefused(
      try dec("train data --clusters 4 --output x --train-on 3"), 2, "--clusters 4 of 3 documents")
  }

  /// Of many clusters the most probable are written, which the report reads, too.
  func testManyClusters() throws {
    try prepare()
    let result = try dec(
      "train data --clusters 101 --output run --keep-top 3 --restarts 1 \(tinyTraining)")
    XCTAssertEqual(result.code, 0, result.errors)
    let files = try names(in: "run")
    XCTAssert(files.isSuperset(of: ["soft_top.npy", "soft_top_clusters.npy", "report.html"]))
    XCTAssertFalse(files.contains("soft_assignment.npy"))
    let clustering = try XCTUnwrap(json("run/run.json")["clustering"] as? [String: Any])
    XCTAssertEqual(clustering["kmeans_sample"] as? Int, 0, "k-means saw all, said so as by option")
    // A header of 128 bytes, then 300 rows of three.
    XCTAssertEqual(try bytes("run/soft_top.npy").count, 128 + 300 * 3 * 4)
    // A later run of few clusters does not leave them behind.
    try train("run", "--overwrite")
    XCTAssert(try names(in: "run").isDisjoint(with: ["soft_top.npy", "soft_top_clusters.npy"]))
  }

  func testAKilledRunLeavesNoResultsAndIsNotBelieved() throws {
    try prepare()
    try train()
    // An earlier run's results are not left under the record of the one that replaces it.
    let killed = try shell(
      helpers + "RUN=run; rm run/metrics.jsonl; begin data --output run --overwrite \(long)\n"
        + "kill -9 $pid; wait $pid; true")
    XCTAssertEqual(killed.code, 0, killed.all)
    XCTAssert(
      try names(in: "run").isDisjoint(with: [
        "model.safetensors", "pretrained.safetensors", "assignments.npy", "assignments.tsv",
        "soft_assignment.npy", "embedding.npy", "initial_assignments.npy", "ids.txt",
        "report.html", "topics.tsv",
      ]))
    assertRefused(try dec("evaluate run"), 1, "has not finished")
    assertRefused(try dec("assign run data --output a.tsv"), 1, "has not finished")
    // What it left is taken over.
    try train("run", "--overwrite")
    XCTAssertFalse(try names(in: "run").contains { $0.hasPrefix(".") })
    XCTAssertEqual(try dec("evaluate run").code, 0)
  }

  func testTheModelOfAnotherRunIsRefused() throws {
    try prepare()
    try train()
    try train("other", "--seed 5")
    try shell("cp other/model.safetensors run/; cp other/assignments.npy run/")
    assertRefused(try dec("assign run data --output a.tsv"), 65, "its checksum differs")
    assertRefused(try dec("evaluate run"), 65, "its checksum differs")
  }

  func testADatasetInAnotherOrderIsNotScored() throws {
    try prepare()
    try train()
    try prepare("data", "--seed 77 --overwrite")
    assertRefused(try dec("evaluate run"), 65, "was prepared again since the run")
  }

  func testADatasetThatIsReplacedDuringARun() throws {
    try prepare()
    let result = try shell(
      helpers + "RUN=run; begin data --output run --clusters 4 \(lasting)\n"
        + "kill -STOP $pid; dec prepare synthetic --documents 300 --seed 8 --output data "
        + "--overwrite --quiet; kill -CONT $pid; wait $pid")
    assertRefused(result, 1, "was replaced while the run read it")
    XCTAssertFalse(try names(in: "run").contains("assignments.npy"))
    XCTAssertFalse(try names(in: "run").contains("model.safetensors"))
  }

  // MARK: Two jobs, one folder

  func testTwoRunsIntoOneFolder() throws {
    try prepare()
    let result = try shell(
      helpers + "RUN=run; begin data --output run \(long)\n"
        + "dec train data --clusters 4 --output run --overwrite \(tinyTraining); code=$?\n"
        + "kill -9 $pid; wait $pid; exit $code")
    assertRefused(result, 1, "run: is in use by dec train, process ")
  }

  func testTwoPreparationsIntoOneFolder() throws {
    let result = try shell(
      "exec 9> .data.dec-lock; flock 9; dec prepare synthetic --documents 300 --output data")
    assertRefused(result, 1, "data: is in use by ")
    try prepare()
    XCTAssertEqual(try names(in: "."), ["data", "out", "err"])
  }

  /// The first waits for its input when the second comes.
  func testTwoPreparationsAtWorkIntoOneFolder() throws {
    let result = try shell(
      """
      mkfifo in.jsonl
      "$DEC" prepare text in.jsonl --output data --quiet & pid=$!
      until [ -s .data.dec-lock ] || ! kill -0 $pid; do sleep .02; done
      echo "process $pid on $(uname -n)"
      dec prepare synthetic --documents 300 --output data --overwrite; code=$?
      echo '{"text": "oil"}' > in.jsonl
      wait $pid && exit $code
      """)
    let holder = try read("out").split(separator: "\n").first.map { String($0) } ?? ""
    assertRefused(result, 1, "data: is in use by dec prepare, \(holder)")
    XCTAssertEqual(try read("data/ids.txt"), "0\n", "the first has written its dataset")
    XCTAssertEqual(try names(in: "."), ["data", "in.jsonl", "out", "err"])
  }

  // MARK: Ranks that differ

  func testOneRankWithOtherOptions() throws {
    try prepare()
    let start =
      "timeout 60 \(Self.launcher(1, isFirst: true)) \"$DEC\" inspect data : -n 1 \"$DEC\" "
    assertRefused(try shell(start + "inspect data --nonsense"), 2, "(rank 1 on ")
    assertRefused(try shell(start + "inspect data --terms 3"), 1, "rank 1 on ")
  }

  func testOneRankWithOtherKernels() throws {
    try prepare()
    let train = "train data --clusters 4 --output run \(tinyTraining)"
    let result = try shell(
      "timeout 60 \(Self.launcher(1, isFirst: true)) \"$DEC\" \(train) : -n 1 "
        + "env OPENBLAS_CORETYPE=Nehalem \"$DEC\" \(train)")
    try XCTSkipIf(result.code == 0, "this OpenBLAS has one kind of kernels")
    assertRefused(result, 1, "OpenBLAS kernels")
    XCTAssert(result.errors.contains("Nehalem"), result.errors)
  }

  // MARK: Standard output

  func testOutputThatCannotBeWritten() throws {
    try prepare()
    try train()
    for command in [
      "evaluate run", "inspect data --json",
      "train data --clusters 4 --output r --overwrite \(tinyTraining)",
      "--help",
    ] {
      // What inspect measures takes long.
      for closed in command.hasPrefix("inspect") ? [">&-"] : [">&-", "> /dev/full"] {
        assertRefused(
          try shell("dec \(command) \(closed)"), 1, "standard output: cannot be written")
      }
    }
    for line in try read("r/metrics.jsonl").split(separator: "\n") {
      XCTAssert(line.hasPrefix("{"), "the summary is in the metrics: \(line)")
    }
    XCTAssertEqual(
      try shell("dec assign run data --output - >&-").code, 1)
  }

  // MARK: Where the output goes

  func testALinkIsWrittenThroughAndNothingIsNoFolder() throws {
    try shell("mkdir target; ln -s target data; mkdir place; ln -s place run")
    try prepare()
    XCTAssert(try names(in: "target").contains("dataset.json"))
    XCTAssertEqual(
      try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/data"), "target")
    try train()
    XCTAssert(try names(in: "place").contains("model.safetensors"))
    for command in ["prepare synthetic", "train data --clusters 4"] {
      assertRefused(try shell("dec \(command) --output ''"), 2, "--output is empty")
    }
    assertRefused(
      try dec("train data --clusters 4 --output data --overwrite"), 2, "is a dataset folder")
  }
}

extension String {
  func replacing(_ old: String, _ new: String) -> String {
    replacingOccurrences(of: old, with: new)
  }
}
