import Collectives
import Datasets
import DenseMath
import Diagnostics
import Glibc
import TestSupport
import XCTest

@testable import Runs

/// A run folder that all ranks write.
final class RunWriterTests: SharedFolderTestCase {
  private typealias Name = RunFolder.Name
  private var run: RunFolder { RunFolder("\(folder)/run") }
  private let results = [
    Name.ids, Name.vocabulary, Name.initialAssignments, Name.assignments, Name.softAssignment,
    Name.assignmentLines,
  ]

  /// A dataset of synthetic text. Collective.
  private func prepare(_ documents: Int, seed: Int = 1) throws -> DatasetFolder {
    try world.together {
      guard world.isRoot else { return }
      let counts = TermCounts(TextSettings())
      let corpus = SyntheticCorpus(documents: documents, clusters: 4, seed: seed)
        .read(into: counts)
      _ = try DatasetWriter(output: "\(folder)/data", replacing: true, source: "test")
        .write(corpus, counts)
    }
    return try world.together { try DatasetFolder(opening: "\(folder)/data") }
  }

  private func cluster(_ document: Int) -> Int32 { Int32(document % 3) }

  private func probabilities(_ document: Int) -> [Float] {
    let p = Float(document % 8) / 8
    return [p, 1 - p]
  }

  /// Begins a run on the dataset and stages all that it leaves but models. Collective.
  private func stage(_ dataset: DatasetFolder) throws -> (writer: RunWriter?, record: RunRecord) {
    let n = dataset.info.samples
    let rows = share(of: n, part: world.rank, of: world.size)
    let writer = try RunWriter(
      run.path, command: "train", existing: .nothing, rows: rows, of: n, over: world)
    var record = RunRecord()
    record.command = "train"
    record.dataset = RunRecord.Dataset(dataset.info, path: dataset.path)
    try writer.write(record)
    try writer.keep(dataset)
    let assignments = rows.map(cluster)
    let q = Matrix(rows: rows.count, columns: 2, elements: rows.flatMap(probabilities))
    try writer.stage(rows.map { _ in Int32(0) }, as: Name.initialAssignments)
    try writer.stage(assignments, as: Name.assignments)
    try writer.stage(q, as: Name.softAssignment)
    try writer.stageLines(assignments, q)
    return (writer, record)
  }

  /// The files of the run folder but the lock and the staging folder.
  private func names() throws -> Set<String> {
    Set(try WholeFile.names(in: run.path).filter { !$0.hasPrefix(".") })
  }

  /// At 4 ranks and 3 documents one rank has none.
  func testTheFilesOfAllRanksAreComplete() throws {
    for n in [3, 50] {
      let data = try prepare(n)
      var (writer, record) = try stage(data)
      world.barrier()
      XCTAssertEqual(try names(), [Name.record], "no result has its name before the end")
      XCTAssertEqual(try run.record(), record)
      XCTAssertFalse(record.isFinished)
      world.barrier()
      try writer!.publish(&record, dataset: data)

      XCTAssertEqual(try names(), Set(results + [Name.record]))
      XCTAssertEqual(try run.finishedRecord(), record)
      XCTAssertEqual(Set(record.outcome.files.keys), Set(results))
      for name in results { try run.check(name, of: record) }
      XCTAssertEqual(try run.assignments(Name.assignments), (0..<n).map(cluster))
      let q = try XCTUnwrap(run.matrix(Name.softAssignment))
      XCTAssertEqual(q.header.shape, [n, 2])
      XCTAssertEqual(try q.floats(0..<2 * n), (0..<n).flatMap(probabilities))
      XCTAssertEqual(
        try WholeFile.read(run.file(Name.ids)), try WholeFile.read("\(data.path)/ids.txt"))
      let lines = String(
        decoding: try WholeFile.read(run.file(Name.assignmentLines)), as: UTF8.self
      ).split(separator: "\n")
      XCTAssertEqual(lines.count, n + 1)
      for (i, id) in try data.ids(0..<n).enumerated() {
        XCTAssert(lines[i + 1].hasPrefix("\(id)\t\(cluster(i))\t"), "\(lines[i + 1])")
      }

      writer = nil
      world.barrier()
      XCTAssertEqual(
        Set(try WholeFile.names(in: run.path)), try names(), "no lock, nothing temporary")
      world.barrier()
      if world.isRoot { system("rm -rf '\(run.path)'") }
      world.barrier()
    }
  }

  /// "finished" comes last: where a result does not get its name, the record never says it.
  func testARunWithoutAllItsResultsIsNotFinished() throws {
    let data = try prepare(20)
    var (writer, record) = try stage(data)
    // No file can take the name of a folder.
    if world.isRoot { mkdir(run.file(Name.assignmentLines), 0o755) }
    assertEveryRankFails(Name.assignmentLines) { try writer!.publish(&record, dataset: data) }
    XCTAssertFalse(try run.record().isFinished)
    XCTAssertThrowsError(try run.finishedRecord())
  }

  func testNoResultOfAReplacedDatasetGetsItsName() throws {
    let data = try prepare(20)
    var (writer, record) = try stage(data)
    _ = try prepare(20, seed: 2)
    assertEveryRankFails("was replaced while the run read it") {
      try writer!.publish(&record, dataset: data)
    }
    XCTAssertEqual(try names(), [Name.record])
    XCTAssertFalse(try run.record().isFinished)
  }

  func testASecondRunIntoTheFolderIsRefusedOnEveryRank() throws {
    let data = try prepare(20)
    let first = try stage(data)
    assertEveryRankFails("is in use by dec train, process ") {
      _ = try RunWriter(
        run.path, command: "train", existing: .replaced, rows: 0..<0, of: 20, over: world)
    }
    withExtendedLifetime(first) {}
  }

  private func assertEveryRankFails(
    _ message: String, line: UInt = #line, _ body: () throws -> Void
  ) {
    XCTAssertThrowsError(try body(), line: line) { error in
      let failure = error as? Failure
      XCTAssertEqual(failure?.kind, .work, line: line)
      XCTAssertEqual(failure?.isShared, true, line: line)
      XCTAssert("\(error)".contains(message), "\(error)", line: line)
    }
    // No rank looks at the folder before all are here, or leaves it before all have looked.
    world.barrier()
  }
}
