import Foundation
import XCTest

/// `dec prepare` of text, end to end.
final class PrepareTextTests: XCTestCase {
  private var folder = ""

  override func setUp() {
    folder = NSTemporaryDirectory() + "dec-prepare-\(UUID().uuidString)"
    try! FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  override func tearDown() { try? FileManager.default.removeItem(atPath: folder) }

  private static let dec =
    Bundle.allBundles
    .first { $0.bundlePath.hasSuffix(".xctest") }
    .map { ($0.bundlePath as NSString).deletingLastPathComponent + "/dec" }
    ?? (CommandLine.arguments[0] as NSString).deletingLastPathComponent + "/dec"

  private static let launcher =
    "mpirun --allow-run-as-root --oversubscribe --mca btl_vader_single_copy_mechanism none -n "

  /// Runs a line of shell in the folder; `DEC` is the built `dec`.
  private func shell(_ line: String) throws -> (code: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "cd '\(folder)' && (\(line)) > log 2>&1"]
    var environment = ProcessInfo.processInfo.environment
    environment["OPENBLAS_NUM_THREADS"] = "1"
    environment["DEC"] = Self.dec
    process.environment = environment
    try process.run()
    process.waitUntilExit()
    return (
      process.terminationStatus, try String(contentsOfFile: folder + "/log", encoding: .utf8)
    )
  }

  func testTheSameFilesAtEveryNumberOfRanks() throws {
    let text = try shell("$DEC prepare synthetic --documents 700 --as-text --output corpus")
    XCTAssertEqual(text.code, 0, text.output)
    let arguments =
      "prepare lyrl2004 corpus/tokens_0.dat --topics corpus/topics.qrels --limit 500 --output"
    for ranks in 1...4 {
      let launcher = ranks == 1 ? "" : Self.launcher + "\(ranks) "
      let result = try shell("timeout 60 \(launcher)$DEC \(arguments) data\(ranks)")
      XCTAssertEqual(result.code, 0, result.output)
      XCTAssert(result.output.contains("500 documents, 2000 features"), result.output)
      let differences = try shell("diff -r data1 data\(ranks)")
      XCTAssertEqual(differences.code, 0, "\(ranks) ranks: \(differences.output)")
    }
    XCTAssertEqual(try shell("ls -d *partial*").code, 2)
  }

  func testTheWholeCorpusIsCounted() throws {
    _ = try shell("$DEC prepare synthetic --documents 50 --as-text --output corpus")
    let files = ["test_pt0", "test_pt1", "test_pt2", "test_pt3", "train"]
      .map { "lyrl2004_tokens_\($0).dat" }
    for name in files { _ = try shell("cp corpus/tokens_0.dat \(name)") }
    let whole = try shell(
      "$DEC prepare lyrl2004 \(files.joined(separator: " ")) --topics corpus/topics.qrels "
        + "--output data")
    XCTAssertEqual(whole.code, 0)
    XCTAssert(
      whole.output.contains("250 documents") && whole.output.contains("685071"), whole.output)
    let piece = try shell(
      "$DEC prepare lyrl2004 \(files[0]) --topics corpus/topics.qrels --output piece")
    XCTAssertFalse(piece.output.contains("685071"), piece.output)
  }

  func testInvalidUTF8IsReplacedAndCounted() throws {
    try Data(Array("{\"text\": \"good ".utf8) + [0xff, 0x20, 0xc3] + Array("\"}\n".utf8))
      .write(to: URL(fileURLWithPath: folder + "/a.jsonl"))
    let result = try shell("$DEC prepare text a.jsonl --output data")
    XCTAssertEqual(result.code, 0, result.output)
    XCTAssert(result.output.contains("2 invalid UTF-8 sequences replaced"), result.output)
  }

  func testASignalLeavesNothing() throws {
    for (ranks, signal) in [(1, "INT"), (2, "TERM")] {
      // mpirun's own grace of a second: with 0 (scripts/mpi-settings) it kills ranks microseconds after
      // it told them.
      let launcher =
        ranks == 1 ? "" : "env -u OMPI_MCA_odls_base_sigkill_timeout \(Self.launcher)\(ranks) "
      // A corpus that takes minutes, stopped when its folder is there; a shell's background job would
      // ignore SIGINT, timeout's does not.
      let result = try shell(
        "timeout -s \(signal) -k 20 4 \(launcher)$DEC prepare synthetic --documents 9000000 "
          + "--output data; ls")
      XCTAssertFalse(result.output.contains("9000000 documents"), result.output)
      XCTAssertFalse(result.output.contains("partial"), "\(ranks) ranks: \(result.output)")
      XCTAssertFalse(FileManager.default.fileExists(atPath: folder + "/data"))
    }
  }
}
