import Foundation
import XCTest

/// `dec doctor` on this machine.
final class DoctorTests: CommandTestCase {
  func testAJobOfTwoRanks() throws {
    let result = try shell("dec2 doctor --threads 1 --output .")
    XCTAssertEqual(result.code, 0, result.all)
    for start in ["ok    job        2 ranks on 1 host", "ok    folder     every rank sees it"] {
      XCTAssert(result.output.contains(start), result.all)
    }
    XCTAssert(result.output.contains("all-reduce of the default model's"), result.all)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder)
    XCTAssertFalse(left.contains { $0.hasPrefix(".dec-doctor") }, "\(left)")
  }

  func testAFolderThatCannotBeWritten() throws {
    let result = try shell("dec doctor --output nowhere")
    XCTAssertEqual(result.code, 1, result.all)
    XCTAssert(result.output.contains("stop  folder     nowhere: cannot be written"), result.all)
    XCTAssert(result.output.contains("-> name the folder"), result.all)
    let json = try shell("dec doctor --json")
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    let findings = try XCTUnwrap(object?["findings"] as? [[String: Any]])
    XCTAssert(findings.contains { $0["subject"] as? String == "cores" }, json.output)
  }
}
