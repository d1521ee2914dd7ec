import Datasets
import Diagnostics
import TestSupport
import XCTest

@testable import Report

/// Columns of the corpus beside the clusters of a run.
final class DocumentColumnTests: FolderTestCase {
  private func column(_ values: [String], ids: [String]? = nil, of run: [String]) throws
    -> DocumentColumn
  {
    let lines = values.enumerated().map { i, value in
      "\(ids?[i] ?? "\(i)")\ttext\t\(value)\n"
    }
    let path = "\(folder)/t.tsv"
    try WholeFile.write(Array(("id\ttext\twhen\n" + lines.joined()).utf8), to: path)
    return try DocumentColumn(try ColumnValues("when", of: [path]), ofDocuments: run)
  }

  func testDatesAreGroupedByTheFinestOfFewGroups() throws {
    let ids = (0..<60).map(String.init)
    let days = try column(ids.map { "2019-03-0\(Int($0)! % 3 + 1)T10:00" }, of: ids)
    XCTAssertEqual(days.groups, ["2019-03-01", "2019-03-02", "2019-03-03"])
    XCTAssertEqual(days.groupOfDocument[4], 1)
    let months = try column(ids.map { "2019-\(10 + Int($0)! % 2)-\(10 + Int($0)! % 15)" }, of: ids)
    XCTAssertEqual(months.groups, ["2019-10", "2019-11"])
    let decades = try column(ids.map { "\(1900 + Int($0)!)" }, of: ids)
    XCTAssertEqual(decades.groups, ["1900s", "1910s", "1920s", "1930s", "1940s", "1950s"])
  }

  /// The largest first, few others together; documents are found by their ids.
  func testCategoriesFollowTheirDocuments() throws {
    let values = ["b", "a", "b", ""] + (0..<30).map { "x\($0)" }
    let ids = values.indices.map { "d\($0)" }
    let column = try column(values, ids: ids, of: ["d2", "d3", "d1"])
    XCTAssertFalse(column.isDate)
    XCTAssertEqual(column.groups, ["a", "b"])
    XCTAssertEqual(column.groupOfDocument, [1, nil, 0])
    let all = try self.column(values, ids: ids, of: ids)
    XCTAssertEqual(all.groups.count, DocumentColumn.mostGroups)
    XCTAssertEqual(all.groups.last, DocumentColumn.others)
    XCTAssertEqual(all.groupOfDocument.last, all.groups.count - 1)
    // The ids of embeddings are numbers: as many documents in the same order.
    XCTAssertEqual(
      try self.column(["a", "b"], ids: ids, of: ["0", "1"]).groupOfDocument, [0, 1])
    XCTAssertThrowsError(try self.column(["a", "b"], ids: ids, of: ["0"])) {
      XCTAssertEqual(($0 as? Failure)?.kind, .badInput)
    }
  }
}
