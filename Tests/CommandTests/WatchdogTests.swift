import Foundation
import XCTest

/// A rank that hangs, crashes or loses its data ends the job with a line that says how far it was.
final class WatchdogTests: CommandTestCase {
  private let options =
    "--clusters 4 --layers 16,8 --layerwise-iterations 20 --finetune-iterations 300 "
    + "--max-iterations 20 --batch-size 64 --restarts 2 --trials 1 --tolerance 0 "
    + "--update-interval 10 --collapse-guard false --baselines false --quiet "

  private let helpers = """
    # Waits for checkpoint $1 of run or a later one, or the end of process $job.
    reach() {
      until [ "$(ls run/checkpoints 2>/dev/null | tail -n 1)" \\> "$1" ] || ! kill -0 $job 2>/dev/null
      do sleep .01; done
    }
    # The process of rank $1.
    rank() {
      for process in $(pgrep -P $job -x dec); do
        tr '\\0' '\\n' < /proc/$process/environ | grep -qx OMPI_COMM_WORLD_RANK=$1 && echo $process
      done
    }

    """

  private func prepare(documents: Int = 300) throws {
    let result = try dec("prepare synthetic --documents \(documents) --output data --quiet")
    XCTAssertEqual(result.code, 0, result.errors)
  }

  /// Runs a training on two ranks with many checkpoints, and `event` when the second is
  /// there; `$job` is mpirun.
  private func train(_ options: String, stallSeconds: Double, _ event: String) throws -> Result {
    try shell(
      helpers + "\(Self.launcher(2))\"$DEC\" train data --output run \(options) "
        + "--checkpoint-minutes 0.002 --stall-seconds \(stallSeconds) & job=$!\n"
        + "reach 000001; \(event)\nwait $job; code=$?\n"
        + "pgrep -P $job; exit $code")
  }

  /// The lines of `dec` itself.
  private func ours(_ result: Result) -> [String] {
    result.errors.split(separator: "\n").filter { $0.hasPrefix("dec: ") }.map { String($0) }
  }

  func testAStoppedRank() throws {
    try prepare()
    let result = try train(
      options, stallSeconds: 4, "victim=$(rank 1); echo $victim; kill -STOP $victim")
    XCTAssertEqual(result.code, 99, result.all)
    let line = try XCTUnwrap(ours(result).first, result.all)
    XCTAssertEqual(ours(result).count, 1, result.errors)
    let victim = result.output.prefix { $0.isNumber }
    XCTAssert(line.hasPrefix("dec: rank 0 on "), line)
    XCTAssert(line.contains(" s in vain for another rank in "), line)
    XCTAssert(line.contains(", iteration "), line)
    XCTAssert(line.contains("; stopped here: rank 1 (process \(victim)); "), line)
    XCTAssert(line.contains("the last checkpoint is run/checkpoints/0"), line)
    XCTAssert(line.hasSuffix("; go on with dec resume run"), line)
    // It is sound, and leads where an undisturbed run ends.
    let ends = try shell(
      "dec resume run --quiet --checkpoint-minutes 0 && dec train data --output whole \(options) "
        + "&& cmp run/model.safetensors whole/model.safetensors")
    XCTAssertEqual(ends.code, 0, ends.all)
  }

  /// A process that was stopped as a whole, such as with its virtual machine, has not hung.
  func testARunThatIsStoppedAndContinued() throws {
    try prepare()
    let result = try shell(
      helpers + "\"$DEC\" train data --output run \(options) --checkpoint-minutes 0.002 "
        + "--stall-seconds 3 & job=$!\n"
        + "reach 000001; kill -STOP $job; sleep 4.5; kill -CONT $job; wait $job")
    XCTAssertEqual(result.code, 0, result.all)
  }

  func testACrash() throws {
    try prepare()
    let result = try train(options, stallSeconds: 60, "kill -ILL $(rank 1)")
    XCTAssertEqual(result.code, 132, result.all)
    XCTAssertEqual(ours(result).count, 1, result.errors)
    let line = ours(result).first ?? ""
    XCTAssert(line.hasPrefix("dec: rank 1 on "), line)
    XCTAssert(line.contains(" crashed by SIGILL in "), line)
    XCTAssert(line.contains("the last checkpoint is run/checkpoints/0"), line)
  }

  /// A file of the dataset that is cut while ranks have it mapped.
  func testADatasetThatBecomesShorter() throws {
    try prepare(documents: 2000)
    let result = try train(options, stallSeconds: 60, "truncate -s 64 data/indices.npy")
    XCTAssertEqual(result.code, 1, result.all)
    let line = try XCTUnwrap(ours(result).first, result.all)
    XCTAssert(line.contains("data/indices.npy: became shorter, or cannot be read any more"), line)
    XCTAssert(line.contains("; put back the dataset as it was, or prepare it again; "), line)
    XCTAssert(line.hasSuffix("; go on with dec resume run"), line)
  }

  /// OpenBLAS would ask for memory for ever.
  func testALimitOfAddressSpace() throws {
    try prepare()
    let result = try shell("ulimit -v 420000; dec train data --output run \(options)")
    XCTAssertEqual(result.code, 1, result.all)
    XCTAssert(
      result.errors.contains("of address space, and ulimit -v leaves it 0."), result.errors)
    XCTAssert(result.errors.hasSuffix("; raise the limit by ulimit -v unlimited\n"), result.errors)
  }

  /// What the usage or the input is to blame for is never started again, and nothing for ever.
  func testLaunchGivesUp() throws {
    let scripts = HostsTestCase.scripts
    let wrong = try shell("'\(scripts)/launch' -n 2 \"$DEC\" train data --clusters 0 --output run")
    XCTAssertEqual(wrong.code, 2, wrong.all)
    XCTAssertFalse(wrong.errors.contains("starting again"), wrong.errors)
    let missing = try shell(
      "'\(scripts)/launch' --max-restarts 1 -n 2 \"$DEC\" train data --clusters 4 --output run")
    XCTAssertEqual(missing.code, 1, missing.all)
    XCTAssert(
      missing.errors.contains(
        "launch: mpirun ended with code 1; there is no checkpoint yet; starting again\n"),
      missing.errors)
    XCTAssert(
      missing.errors.contains(
        "; given up after 1 restarts without a new checkpoint; see the lines above, then go on with "
          + "dec resume run"), missing.errors)
    assertLaunchIsRefused(try shell("'\(scripts)/launch' -n 2 \"$DEC\" evaluate run"))
    assertLaunchIsRefused(try shell("'\(scripts)/launch' -n 2 \"$DEC\" train data"))
    assertLaunchIsRefused(try shell("'\(scripts)/launch' --max-restarts x -n 2 \"$DEC\" train d"))
  }

  private func assertLaunchIsRefused(_ result: Result, line: UInt = #line) {
    XCTAssertEqual(result.code, 2, result.all, line: line)
    XCTAssert(result.errors.hasPrefix("launch: "), result.errors, line: line)
  }

  /// TERM to launch becomes a checkpoint and code 75.
  func testLaunchIsStopped() throws {
    try prepare()
    let result = try shell(
      helpers
        + "'\(HostsTestCase.scripts)/launch' -n 2 --oversubscribe \"$DEC\" train data --output run "
        + "\(options) --checkpoint-minutes 0.002 & job=$!\n"
        + "reach 000001; kill -TERM $job; wait $job")
    XCTAssertEqual(result.code, 75, result.all)
    XCTAssert(result.errors.contains("; go on with dec resume run"), result.errors)
    XCTAssertFalse(try names(in: "run").contains(".dec-lock"))
  }

  func testStallSecondsAreNotNegative() throws {
    assertRefused(
      try dec("train data --clusters 4 --output run --stall-seconds -1"), 2, "--stall-seconds")
  }
}
