import Foundation
import XCTest

/// A run that is interrupted in any way, and goes on, leaves what one does that never was.
final class ResumeTests: CommandTestCase {
  private let options =
    "--clusters 4 --layers 16,8 --layerwise-iterations 20 --finetune-iterations 40 "
    + "--max-iterations 20 --batch-size 64 --restarts 2 --trials 2 --tolerance 0 "
    + "--update-interval 10 --collapse-guard false --baselines false --frequency-exponent 0.5 "
    + "--quiet "
  /// Begun after one step and completed after the next: two steps a checkpoint.
  private let often = "--checkpoint-minutes 0.0000001"
  /// Not but at a signal.
  private let never = "--checkpoint-minutes 0"

  private let helpers = """
    # Waits for checkpoint $1 of run or a later one, or the end of process $pid.
    reach() {
      until [ "$(ls run/checkpoints 2>/dev/null | tail -n 1)" \\> "$1" ] || ! kill -0 $pid 2>/dev/null
      do sleep .01; done
    }

    """

  private func prepare() throws {
    let result = try dec("prepare synthetic --documents 300 --output data --quiet")
    XCTAssertEqual(result.code, 0, result.errors)
    let whole = try dec("train data --output whole \(options) \(never)")
    XCTAssertEqual(whole.code, 0, whole.errors)
    XCTAssertFalse(try names(in: "whole").contains("checkpoints"))
  }

  /// Asserts that a run has ended as the one that was not interrupted.
  private func assertWhole(_ run: String, line: UInt = #line) throws {
    // The end may have come when all was done but the report and the removal of the lock.
    func results(_ run: String) throws -> Set<String> {
      try names(in: run).filter { !$0.hasPrefix(".") }.subtracting(["report.html", "topics.tsv"])
    }
    XCTAssertEqual(try results(run), try results("whole"), line: line)
    for name in [
      "model.safetensors", "pretrained.safetensors", "assignments.npy", "initial_assignments.npy",
      "embedding.npy", "soft_assignment.npy", "assignments.tsv",
    ] {
      XCTAssertEqual(try bytes("\(run)/\(name)"), try bytes("whole/\(name)"), name, line: line)
    }
    XCTAssertEqual(try course(run), try course("whole"), line: line)
  }

  private func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
  }

  /// `metrics.jsonl` without times, and without losses: they are the ranks' sums.
  private func course(_ run: String) throws -> [String] {
    try read("\(run)/metrics.jsonl").split(separator: "\n").map { line in
      let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
      let kept = event.filter {
        !["documents_per_second", "communication_seconds", "elapsed_seconds", "loss"].contains(
          $0.key)
      }
      return String(
        decoding: try JSONSerialization.data(withJSONObject: kept, options: .sortedKeys),
        as: UTF8.self)
    }
  }

  private func assertStopped(_ result: Result, line: UInt = #line) {
    XCTAssertEqual(result.code, 75, result.all, line: line)
    let ours = result.errors.split(separator: "\n").filter { $0.hasPrefix("dec: ") }
    XCTAssertEqual(ours.count, 1, result.errors, line: line)
    XCTAssert(result.errors.contains("; go on with dec resume run"), result.errors, line: line)
  }

  /// Asserts that a run which a shell line stops by a signal goes on, at `ranks` ranks, to the same
  /// end.
  private func assertGoesOn(
    after line: String, ranks: Int, _ signal: String, at place: UInt = #line
  ) throws {
    assertStopped(try shell(helpers + line), line: place)
    XCTAssertTrue(try names(in: "run").contains("checkpoints"), signal, line: place)
    XCTAssertFalse(try names(in: "run").contains { $0.hasPrefix(".") }, signal, line: place)
    let resumed = try dec("resume run --quiet \(never)", ranks: ranks)
    XCTAssertEqual(resumed.code, 0, resumed.errors, line: place)
    try assertWhole("run", line: place)
    try shell("rm -r run")
  }

  /// Early, in the middle and late, and goes on at one to four ranks.
  func testASignalToARunOfOneRank() throws {
    try prepare()
    for (signal, number, ranks) in [
      ("USR1", "000002", 2), ("USR2", "000005", 1), ("TERM", "000035", 3), ("INT", "000075", 1),
      ("HUP", "000012", 4),
    ] {
      // Jobs in the background ignore INT, until they say otherwise.
      try assertGoesOn(
        after: "\"$DEC\" train data --output run \(options) \(often) & pid=$!\n"
          + "reach \(number); kill -\(signal) $pid; wait $pid", ranks: ranks, signal)
    }
  }

  /// mpirun passes USR1 on to all ranks; TERM comes to one of them alone.
  func testASignalToRanksUnderMPI() throws {
    try prepare()
    for (signal, target, ranks) in [
      ("USR1", "$pid", 1), ("TERM", "$(pgrep -P $pid | tail -n 1)", 3),
    ] {
      try assertGoesOn(
        after: "\(Self.launcher(2))\"$DEC\" train data --output run \(options) \(often) & pid=$!\n"
          + "reach 000001; kill -\(signal) \(target); wait $pid", ranks: ranks, signal)
    }
  }

  /// Killed at random times, until it is through.
  func testAKilledRun() throws {
    try prepare()
    for round in 0..<5 {
      let seconds = Double.random(in: 0.1...1.2)
      let killed = try shell(
        "timeout -s KILL \(seconds) \"$DEC\" train data --output run --resume \(options) \(often); true"
      )
      XCTAssertEqual(killed.code, 0, "round \(round) of \(seconds) s: \(killed.all)")
    }
    let resumed = try dec("train data --output run --resume \(options) \(never)", ranks: 2)
    XCTAssertEqual(resumed.code, 0, resumed.errors)
    try assertWhole("run")
    // There is nothing left to do.
    for command in ["resume run", "train data --output run --resume \(options)"] {
      let again = try dec(command)
      XCTAssertEqual(again.code, 0, again.errors)
      XCTAssert(again.output.contains("run is finished"), again.all)
    }
  }

  /// A kill may come while the first record is written.
  func testAFolderWithAHalfWrittenRecordIsEmpty() throws {
    try prepare()
    try shell("mkdir run; echo '{' > run/run.json.partial-0123abcd-0123456789abcdef")
    let resumed = try dec("train data --output run --resume \(options) \(never)")
    XCTAssertEqual(resumed.code, 0, resumed.errors)
    XCTAssertEqual(try bytes("run/model.safetensors"), try bytes("whole/model.safetensors"))
  }

  func testADamagedCheckpointIsNamedAndSkipped() throws {
    try prepare()
    let stop =
      helpers + "\"$DEC\" train data --output run \(options) \(often) & pid=$!\n"
      + "reach 000002; kill -TERM $pid; wait $pid\n"
    for damage in [
      "truncate -s -1 $newest/state.safetensors",
      "printf x | dd of=$newest/state.safetensors bs=1 seek=3000 conv=notrunc status=none",
      "rm $newest/checkpoint.json",
    ] {
      let result = try shell(
        stop + "newest=$(ls -d run/checkpoints/* | tail -n 1)\n\(damage)\n"
          + "dec resume run --quiet \(never); code=$?; echo $newest; exit $code")
      XCTAssertEqual(result.code, 0, result.errors)
      let newest = result.output.split(separator: "\n").last.map { String($0) } ?? ""
      XCTAssert(result.errors.contains("dec: \(newest): "), result.errors)
      XCTAssert(result.errors.contains("is skipped"), result.errors)
      try assertWhole("run")
      try shell("rm -r run")
    }
  }

  /// Pretraining, then clustering in the same folder, each of them interrupted.
  func testPretrainAndClusterInPlace() throws {
    try prepare()
    let pretraining =
      "--layers 16,8 --layerwise-iterations 20 --finetune-iterations 40 --batch-size 64 "
      + "--quiet "
    let clustering =
      "--clusters 4 --max-iterations 100 --batch-size 64 --restarts 2 --tolerance 0 "
      + "--frequency-exponent 0.5 --update-interval 10 --collapse-guard false --baselines false "
      + "--quiet "
    let all = try shell(
      helpers
        + """
        dec pretrain data --output whole2 \(pretraining) \(never) || exit 1
        dec cluster data --output whole2 \(clustering) \(never) || exit 1
        "$DEC" pretrain data --output run \(pretraining) \(often) & pid=$!
        reach 000001; kill -TERM $pid; wait $pid; echo "code $?"
        dec resume run --quiet \(never) || exit 1
        cmp run/pretrained.safetensors whole2/pretrained.safetensors || exit 1
        "$DEC" cluster data --output run \(clustering) \(often) & pid=$!
        reach 000001; kill -TERM $pid; wait $pid; echo "code $?"
        dec2 resume run --quiet \(never) || exit 1
        cmp run/model.safetensors whole2/model.safetensors || exit 1
        cmp run/pretrained.safetensors whole2/pretrained.safetensors
        """)
    XCTAssertEqual(all.code, 0, all.all)
    XCTAssertEqual(all.output.components(separatedBy: "code 75\n").count, 3, all.all)
    XCTAssertEqual(try course("run"), try course("whole2"))
  }

  func testOtherSettingsAreRefused() throws {
    try prepare()
    try shell(
      helpers + "\"$DEC\" train data --output run \(options) \(often) & pid=$!\n"
        + "reach 000000; kill -9 $pid; wait $pid")
    assertRefused(
      try dec("train data --output run --resume --seed 7 \(options)"), 2,
      "run was begun with --seed 0, not 7")
    assertRefused(
      try dec("train data --output run \(options)"), 2, "go on with it by --resume")
    assertRefused(
      try dec("train data --output run --resume --overwrite \(options)"), 2, "give one of them")
    assertRefused(try dec("resume nothing"), 1, "does not exist")
    assertRefused(try dec("resume data"), 1, "is a dataset, not a run folder")
  }
}
