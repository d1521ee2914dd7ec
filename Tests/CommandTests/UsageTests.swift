import Foundation
import XCTest

/// The errors of a first hour: each is one line that says what to do.
final class UsageTests: CommandTestCase {
  private func assertUsage(
    _ arguments: String, says parts: String..., line: UInt = #line
  ) throws {
    let result = try dec(arguments)
    XCTAssertEqual(result.code, 2, result.all, line: line)
    XCTAssertEqual(result.errors.split(separator: "\n").count, 1, result.errors, line: line)
    for part in parts { XCTAssert(result.errors.contains(part), result.errors, line: line) }
  }

  func testNamesThatAreNearlyRight() throws {
    try assertUsage("tran data", says: "no command \"tran\"", "did you mean train?", "evaluate")
    try assertUsage("xyzzyx", says: "no command \"xyzzyx\"", "prepare, inspect, train")
    try assertUsage("prepare data.csv", says: "\"data.csv\" is no kind of corpus", "text", "npz")
    try assertUsage(
      "train data --clsuters 5 --output run", says: "--clsuters", "did you mean --clusters?")
    try assertUsage("train data --no-such-option", says: "dec train has no option --no-such-option")
  }

  func testNumbersOutOfRangeAreNamedWithWhatIsAllowed() throws {
    for (option, value, allowed) in [
      ("--clusters", "-1", "1 to 2^40"), ("--seed", "-1", "0 to 2^40"),
      ("--batch-size", "9223372036854775807", "1 to 2^40"), ("--code-scale", "inf", "finite"),
      ("--learning-rate", "-0.5", "positive"), ("--learning-rate", "nan", "positive"),
      ("--momentum", "1", "below 1"), ("--frequency-exponent", "-inf", "finite"),
      ("--trials", "0", "1 to 2^40"),
    ] {
      let clusters = option == "--clusters" ? "" : "--clusters 2"
      try assertUsage(
        "train data \(clusters) --output run \(option) \(value)", says: "\(option) is", allowed)
    }
    for (arguments, says) in [
      ("prepare text a --output d --limit 0", "--limit is 0, but must be 1 to 2^40"),
      (
        "prepare text a --output d --seed 4294967296", "--seed is 4294967296, but must be 0 to 2^32"
      ),
      ("prepare text a --output d --features 0", "--features is 0, but must be 1 to"),
      ("prepare text a --output d --min-length 0", "--min-length is 0, but must be 1 to"),
      ("prepare synthetic --output d --documents 0", "--documents is 0, but must be 1 to"),
      ("prepare synthetic --output d --clusters 1001", "--clusters is 1001, but must be 1 to 1000"),
      ("prepare svmlight a --output d --features 2147483647", "--features is 2147483647, but must"),
      ("prepare npy a --output d --scale 0", "--scale is 0, but must be none or a positive"),
      ("assign run a --output o.tsv --threads 0", "--threads is 0, but must be 1 to"),
      ("bench --documents 255", "--documents is 255, but must be 256 to"),
      ("bench --iterations 120", "--iterations is 120, but must be a multiple of 50 from 100 on"),
      ("bench --threads 0", "--threads is 0, but must be 1 to"),
    ] {
      try assertUsage(arguments, says: says)
    }
  }

  func testEvaluateSaysWhichOptionsGoTogether() throws {
    try assertUsage("evaluate", says: "--labels FILE and --assignments FILE")
    try assertUsage("evaluate --labels l", says: "--labels also needs --assignments")
    try assertUsage("evaluate --assignments a", says: "--assignments also needs --labels")
    try assertUsage("evaluate run --labels l", says: "--assignments run/assignments.npy")
  }

  func testAFolderOfTheOtherKindIsCalledWhatItIs() throws {
    try FileManager.default.createDirectory(
      atPath: folder + "/folder", withIntermediateDirectories: true)
    try write("folder/dataset.json", "{}")
    for command in ["evaluate folder", "report folder"] {
      let result = try dec(command)
      XCTAssert(result.errors.contains("is a dataset, not a run folder"), result.errors)
    }
    try FileManager.default.moveItem(
      atPath: folder + "/folder/dataset.json", toPath: folder + "/folder/run.json")
    let result = try dec("inspect folder")
    XCTAssert(result.errors.contains("is a run folder, not a dataset"), result.errors)
  }

  func testIdsAreNames() throws {
    try write("a", "0\n0\n7\n7\n")
    for labels in ["3\n3\n1048575\n1048575\n", "9\n9\n2147483647\n2147483647\n", "b\nb\na\na\n"] {
      try write("l", labels)
      let result = try dec("evaluate --labels l --assignments a")
      XCTAssertEqual(result.code, 0, result.errors)
      XCTAssert(result.output.contains("\"acc\":1,"), result.output)
      XCTAssert(result.output.contains("\"classes\":2,\"clusters\":2"), result.output)
    }
  }
}
