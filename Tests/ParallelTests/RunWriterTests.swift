import Collectives
import Datasets
import DenseMath
import Diagnostics
import Glibc
import TestSupport
import XCTest

@testable import DeepClustering
@testable import Runs

/// A run folder that all ranks write.
final class RunWriterTests: SharedFolderTestCase {
  private typealias Name = RunFolder.Name
  private var run: RunFolder { RunFolder("\(folder)/run") }
  private let results = [
    Name.ids, Name.vocabulary, Name.initialAssignments, Name.assignments, Name.softAssignment,
    Name.embedding, Name.assignmentLines,
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

  /// Documents on a line, each a little beyond its own centroid.
  private func refresh(_ documents: Range<Int>, clusterCount: Int) -> TargetRefresh {
    var refresh = TargetRefresh()
    refresh.codes = Matrix(
      rows: documents.count, columns: 1, elements: documents.map { Float(cluster($0)) + 0.1 })
    refresh.centroids = Matrix(
      rows: clusterCount, columns: 1, elements: (0..<clusterCount).map { Float($0) })
    refresh.assignments = documents.map(cluster)
    return refresh
  }

  /// Begins a run on the dataset and stages all that it leaves but models. Collective.
  private func stage(
    _ dataset: DatasetFolder, clusterCount: Int = 3
  ) throws -> (writer: RunWriter?, record: RunRecord) {
    let n = dataset.info.samples
    let rows = share(of: n, part: world.rank, of: world.size)
    let writer = try RunWriter(
      run.path, command: "train", existing: .nothing, rows: rows, of: n, over: world)
    var record = RunRecord()
    record.command = "train"
    record.dataset = RunRecord.Dataset(dataset.info, path: dataset.path)
    try writer.write(record)
    try writer.keep(dataset)
    try writer.stage(rows.map { _ in Int32(0) }, as: Name.initialAssignments)
    try writer.stage(refresh(rows, clusterCount: clusterCount), keepTop: 4)
    return (writer, record)
  }

  /// The files of the run folder but the lock and the staging folder.
  private func names() throws -> Set<String> {
    Set(try WholeFile.names(in: run.path).filter { !$0.hasPrefix(".") })
  }

  /// Of many clusters the most probable are written, and not all.
  func testTheMostProbableOfManyClusters() throws {
    let (n, k) = (50, 130)
    let data = try prepare(n)
    var (writer, record) = try stage(data, clusterCount: k)
    try writer!.publish(&record, dataset: data)
    XCTAssertFalse(run.has(Name.softAssignment))
    let top = try XCTUnwrap(run.matrix(Name.softTop))
    XCTAssertEqual(top.header.shape, [n, 4])
    let clusters = try NPYReader(run.file(Name.softTopClusters))
    XCTAssertEqual(clusters.header.shape, [n, 4])
    let q = refresh(0..<n, clusterCount: k).softAssignment(of: 0..<n)
    for i in 0..<n {
      let order = (0..<k).sorted { (q[i, $0], -$0) > (q[i, $1], -$1) }.prefix(4)
      XCTAssertEqual(
        try clusters.elements(4 * i..<4 * i + 4, as: Int32.self), order.map { Int32($0) })
      XCTAssertEqual(try top.floats(4 * i..<4 * i + 4), order.map { q[i, $0] })
    }
    writer = nil
    world.barrier()
    if world.isRoot { system("rm -rf '\(run.path)'") }
    world.barrier()
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
      XCTAssertEqual(q.header.shape, [n, 3])
      let whole = refresh(0..<n, clusterCount: 3)
      XCTAssertEqual(try q.floats(0..<3 * n), whole.softAssignment(of: 0..<n).elements)
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
