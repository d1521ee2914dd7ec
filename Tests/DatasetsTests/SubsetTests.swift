import DenseMath
import Glibc
import TestSupport
import XCTest

@testable import Datasets

final class SubsetTests: FolderTestCase {
  /// The same documents, sparse with an empty row, or dense; with or without labels.
  private func dataset(isSparse: Bool, hasLabels: Bool = true) throws -> DatasetFolder {
    let scratch = Scratch(beside: "\(folder)/data")
    let path = "\(NumericFixtures.golden)/\(isSparse ? "csr.npz" : "dense-f8.npy")"
    var documents =
      isSparse ? try NPZReader().read([path], scratch) : try NPYMatrixReader().read([path], scratch)
    if hasLabels { try documents.corpus.readLabels("\(NumericFixtures.golden)/labels.npy") }
    let output = "\(folder)/data"
    _ = try DatasetWriter(output: output, replacing: true, source: "t")
      .write(documents, scale: 1)
    return try DatasetFolder(opening: output)
  }

  private func rows(_ shard: Shard, _ documents: [Int]) -> InputRows {
    var rows = InputRows(columns: shard.features, isSparse: shard.isSparse)
    shard.gather(documents, into: &rows)
    return rows
  }

  func testTheShardsOfAllRanksTogetherAreTheChosenDocuments() throws {
    for isSparse in [true, false] {
      let data = try dataset(isSparse: isSparse)
      let whole = try data.shard(0..<7)
      let labels = try XCTUnwrap(data.labels(0..<7))
      for chosen in [[1, 2, 3, 6], [0, 1, 2, 3, 4, 5, 6], [4], []] {
        let subset = Subset(of: data, documents: chosen)
        XCTAssertEqual(subset.samples, chosen.count)
        for size in 1...4 {
          for rank in 0..<size {
            // With fewer documents than ranks, some have none.
            let n = subset.samples
            let range = n * rank / size..<n * (rank + 1) / size
            let shard = try subset.shard(range)
            XCTAssertEqual(shard.range, range)
            let expected = rows(whole, range.map { chosen[$0] })
            XCTAssertEqual(rows(shard, Array(range)), expected)
            var together = InputRows(columns: shard.features, isSparse: isSparse)
            shard.gather(range, into: &together)
            XCTAssertEqual(together, expected)
            let backwards = rows(shard, range.reversed())
            XCTAssertEqual(backwards, rows(whole, range.reversed().map { chosen[$0] }))
            XCTAssertEqual(try subset.labels(range), range.map { labels[chosen[$0]] })
          }
        }
      }
    }
  }

  /// A subset as a folder of its own has the same rows, labels and ids.
  func testASubsetAsADataset() throws {
    for isSparse in [true, false] {
      let data = try dataset(isSparse: isSparse)
      let chosen = [0, 2, 3, 6]
      let subset = Subset(of: data, documents: chosen)
      let info = try subset.write(to: "\(folder)/part", source: "a part")
      let part = try DatasetFolder(opening: "\(folder)/part")
      XCTAssertEqual(part.info, info)
      XCTAssertEqual(info.samples, 4)
      XCTAssertEqual(info.features, data.info.features)
      XCTAssertEqual(info.scale, data.info.scale)
      XCTAssertEqual(info.source, "a part")
      XCTAssertEqual(info.classNames, data.info.classNames)
      let all = Array(0..<4)
      XCTAssertEqual(rows(try part.shard(0..<4), all), rows(try subset.shard(0..<4), all))
      XCTAssertEqual(try part.labels(0..<4), try subset.labels(0..<4))
      let ids = try data.ids(0..<7)
      XCTAssertEqual(try part.ids(0..<4), chosen.map { ids[$0] })
      let found = rows(try part.shard(0..<4), all)
      let empty =
        isSparse
        ? zip(found.sparse.rowStarts, found.sparse.rowStarts.dropFirst()).count { $0 == $1 }
        : all.count { i in found.dense.rows(i..<i + 1).elements.allSatisfy { $0 == 0 } }
      XCTAssertEqual(info.emptySamples, empty)
      try part.verify(checksums: [try part.checksums(of: 0..<4)])
    }
  }

  func testWithoutLabels() throws {
    let subset = Subset(of: try dataset(isSparse: true, hasLabels: false), documents: [0, 5])
    XCTAssertNil(try subset.labels(0..<2))
  }

  /// The rows stay readable when nothing else holds the dataset's files.
  func testAShardKeepsItsFiles() throws {
    var subset: Subset? = Subset(of: try dataset(isSparse: false), documents: [2, 4])
    let shard = try XCTUnwrap(subset).shard(0..<2)
    let before = rows(shard, [0, 1])
    subset = nil
    system("rm -rf '\(folder)'")
    XCTAssertEqual(rows(shard, [0, 1]), before)
  }

  func testPicturesStayPictures() throws {
    let path = "\(folder)/p"
    try WholeFile.write([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 10, 0, 30, 40], to: path)
    let documents = try IDXReader().read([path], Scratch(beside: "\(folder)/data"))
    _ = try DatasetWriter(output: "\(folder)/data", replacing: true, source: "t")
      .write(documents, scale: 1)
    let data = try DatasetFolder(opening: "\(folder)/data")
    let picture = PictureShape(height: 1, width: 2)
    XCTAssertEqual(try data.shard(0..<1).picture, picture)
    XCTAssertEqual(try Subset(of: data, documents: [1]).shard(0..<1).picture, picture)
  }
}
