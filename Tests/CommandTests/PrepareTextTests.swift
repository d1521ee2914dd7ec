import Foundation
import XCTest

/// `dec prepare` of text, end to end.
final class PrepareTextTests: CommandTestCase {
  func testTheSameFilesAtEveryNumberOfRanks() throws {
    let text = try shell("$DEC prepare synthetic --documents 700 --as-text --output corpus")
    XCTAssertEqual(text.code, 0, text.all)
    let arguments =
      "prepare lyrl2004 corpus/tokens_0.dat --topics corpus/topics.qrels --limit 500 --output"
    for ranks in 1...4 {
      let result = try dec("\(arguments) data\(ranks)", ranks: ranks)
      XCTAssertEqual(result.code, 0, result.all)
      XCTAssert(result.all.contains("500 documents, 2000 features"), result.all)
      let differences = try shell("diff -r data1 data\(ranks)")
      XCTAssertEqual(differences.code, 0, "\(ranks) ranks: \(differences.all)")
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
      whole.all.contains("250 documents") && whole.all.contains("685071"), whole.all)
    let piece = try shell(
      "$DEC prepare lyrl2004 \(files[0]) --topics corpus/topics.qrels --output piece")
    XCTAssertFalse(piece.all.contains("685071"), piece.all)
  }

  func testInvalidUTF8IsReplacedAndCounted() throws {
    try Data(Array("{\"text\": \"good ".utf8) + [0xff, 0x20, 0xc3] + Array("\"}\n".utf8))
      .write(to: URL(fileURLWithPath: folder + "/a.jsonl"))
    let result = try shell("$DEC prepare text a.jsonl --output data")
    XCTAssertEqual(result.code, 0, result.all)
    XCTAssert(result.all.contains("2 invalid UTF-8 sequences replaced"), result.all)
  }

  func testASignalLeavesNothing() throws {
    for (ranks, signal) in [(1, "INT"), (2, "TERM")] {
      // mpirun's own grace of a second: with 0 (scripts/mpi-settings) it kills ranks microseconds
      // after it told them.
      let launcher =
        ranks == 1
        ? "" : "env -u OMPI_MCA_odls_base_sigkill_timeout \(Self.launcher(ranks))"
      // A corpus that takes minutes, stopped when its folder is there; a shell's background job
      // would ignore SIGINT, timeout's does not. Without --foreground timeout tells mpirun twice,
      // and mpirun told twice kills its ranks at once.
      let result = try shell(
        "timeout --foreground -s \(signal) -k 20 4 \(launcher)$DEC prepare synthetic --documents 9000000 "
          + "--output data; ls")
      XCTAssertFalse(result.all.contains("9000000 documents"), result.all)
      XCTAssertFalse(result.all.contains("partial"), "\(ranks) ranks: \(result.all)")
      XCTAssertFalse(FileManager.default.fileExists(atPath: folder + "/data"))
    }
  }
}
