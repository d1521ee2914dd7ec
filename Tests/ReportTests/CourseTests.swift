import FoundationEssentials
import Runs
import XCTest

@testable import Report

/// What the report makes of `metrics.jsonl` and of names in `run.json`.
final class CourseTests: XCTestCase {
  func testNamesAsWords() {
    XCTAssertEqual(Report.words("update_interval"), "update interval")
    XCTAssertEqual(Report.words("open_mpi"), "open mpi")
  }

  func testAResumedRunCountsWhatItDidLater() throws {
    let lines = [
      #"{"phase":"finetune","iteration":10,"loss":3}"#, #"{"phase":"kl","iteration":10,"loss":1}"#,
      #"{"phase":"kl","iteration":20,"loss":2}"#, #"{"phase":"kl","iteration":30,"loss":3}"#,
      #"{"phase":"kl","iteration":15,"loss":9}"#,
    ]
    let course = Course(try lines.map { try JSONDecoder().decode(JSON.self, from: Data($0.utf8)) })
    XCTAssertEqual(course["kl"]?.points("loss").map(\.x), [10, 15])
    XCTAssertEqual(course["kl"]?.points("loss").map(\.y), [1, 9])
    XCTAssertEqual(course.pretraining.map(\.name), ["finetune"])
  }
}
