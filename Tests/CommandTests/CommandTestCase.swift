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

  func read(_ name: String) throws -> String {
    try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
  }

  func write(_ name: String, _ text: String) throws {
    try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
  }
}
