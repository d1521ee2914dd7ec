import Foundation
import XCTest

/// A test that runs the built `dec` in its own temporary folder, without and under mpirun.
class CommandTestCase: XCTestCase {
  private(set) var folder = ""

  override func setUp() {
    folder = NSTemporaryDirectory() + "dec-command-\(UUID().uuidString)"
    try! FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  override func tearDown() { try? FileManager.default.removeItem(atPath: folder) }

  struct Result {
    var code: Int32
    var output: String
    var errors: String

    var all: String { output + errors }
  }

  static let binary =
    Bundle.allBundles
    .first { $0.bundlePath.hasSuffix(".xctest") }
    .map { ($0.bundlePath as NSString).deletingLastPathComponent + "/dec" }
    ?? (CommandLine.arguments[0] as NSString).deletingLastPathComponent + "/dec"

  /// The words before a command that start it on `ranks` ranks; none for one rank, unless more
  /// ranks follow in the same line.
  static func launcher(_ ranks: Int, isFirst: Bool = false) -> String {
    ranks == 1 && !isFirst
      ? ""
      : "mpirun --allow-run-as-root --oversubscribe --bind-to none "
        + "--mca btl_vader_single_copy_mechanism none -n \(ranks) "
  }

  /// Runs a shell command in which `dec` is the built program, `dec2` the same on two ranks, and
  /// `$DEC` its path. Either ends with code 124 after ten minutes.
  @discardableResult
  func shell(_ line: String) throws -> Result {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = [
      "-c",
      """
      cd '\(folder)'
      dec() { timeout 600 "$DEC" "$@"; }
      dec2() { timeout 600 \(Self.launcher(2)) "$DEC" "$@"; }
      { \(line)
      } > out 2> err
      """,
    ]
    var environment = ProcessInfo.processInfo.environment
    environment["OPENBLAS_NUM_THREADS"] = "1"
    environment["DEC"] = Self.binary
    process.environment = environment
    try process.run()
    process.waitUntilExit()
    return Result(
      code: process.terminationStatus, output: try read("out"), errors: try read("err"))
  }

  /// Runs `dec` on `ranks` ranks.
  func dec(_ arguments: String, ranks: Int = 1) throws -> Result {
    try shell("timeout 600 \(Self.launcher(ranks))\"$DEC\" \(arguments)")
  }

  /// The options of a training that takes a moment.
  let tinyTraining =
    "--layers 16,8 --layerwise-iterations 2 --finetune-iterations 4 --max-iterations 20 "
    + "--batch-size 64 --restarts 2 --trials 1 --quiet"

  /// Asserts that a command has ended with `code` and one line of `dec`, which contains `text`.
  func assertRefused(_ result: Result, _ code: Int32, _ text: String, line: UInt = #line) {
    XCTAssertEqual(result.code, code, result.all, line: line)
    let ours = result.errors.split(separator: "\n").filter { $0.hasPrefix("dec: ") }
    XCTAssertEqual(ours.count, 1, result.errors, line: line)
    XCTAssert(result.errors.contains(text), result.errors, line: line)
  }

  func names(in name: String) throws -> Set<String> {
    Set(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(name)"))
  }

  func read(_ name: String) throws -> String {
    try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
  }

  func write(_ name: String, _ text: String) throws {
    try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
  }
}
