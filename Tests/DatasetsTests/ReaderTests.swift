import DenseMath
import Diagnostics
import Glibc
import TestSupport
import XCTest

@testable import Datasets

final class ReaderTests: FolderTestCase {
  // MARK: Order and weights

  func testTheAuthorsPermutation() {
    let order = DocumentOrder.shuffled(seed: 1234).documents(of: 685_071)
    XCTAssertEqual(Array(order[..<5]), [367_295, 597_263, 224_712, 522_469, 208_602])
    XCTAssertEqual(order[9999], 443_399)
    XCTAssertEqual(DocumentOrder.input.documents(of: 4, limit: 2), [0, 1])
  }

  func testADrawIsTheShufflesDocumentsInTheOrderOfTheInput() {
    let (drawn, shuffled) = (DocumentOrder.drawn(seed: 7), DocumentOrder.shuffled(seed: 7))
    let documents = drawn.documents(of: 100, limit: 20)
    XCTAssertEqual(documents, shuffled.documents(of: 100, limit: 20).sorted())
    XCTAssertNotEqual(documents, Array(0..<20))
    XCTAssertEqual(drawn.documents(of: 30, limit: 50), Array(0..<30))
    XCTAssertEqual(drawn.seed(keeping: 20, of: 100), 7)
    XCTAssertNil(drawn.seed(keeping: 100, of: 100))
    XCTAssertNil(DocumentOrder.input.seed(keeping: 20, of: 100))
    for order in [drawn, shuffled, .input] {
      let rows = order.rows(of: 10..<90, count: 100, limit: 20)
      for (row, document) in order.documents(of: 100, limit: 20).enumerated()
      where (10..<90).contains(document) {
        XCTAssertEqual(rows[document - 10], UInt32(row))
      }
      let left = order.documents(of: 100, limit: 20).filter { (10..<90).contains($0) }.count
      XCTAssertEqual(rows.count { $0 < .max }, left)
    }
  }

  func testTfIdfByHand() {
    let counts = TermCounts(TextSettings())
    for text in ["apple apple pear", "pear", "a Apple"] {
      counts.add(text)
      counts.endDocument()
    }
    let weights = TfIdf(counts)
    XCTAssertEqual(weights.vocabulary.map(\.term), ["apple", "pear"])
    XCTAssertEqual(weights.vocabulary.map(\.documentFrequency), [2, 2])
    // Both idf are alike, so the first row is (1 + ln 2, 1), normalised, times √2.
    let (x, y) = (1 + log(2.0), 1.0)
    let scale = (2 / (x * x + y * y)).squareRoot()
    let row = weights.row(0)
    XCTAssertEqual(row.indices, [0, 1])
    XCTAssertEqual(Double(row.values[0]), x * scale, accuracy: 1e-6)
    XCTAssertEqual(Double(row.values[1]), y * scale, accuracy: 1e-6)
    XCTAssertEqual(weights.row(2).values[0], Float(2).squareRoot(), accuracy: 1e-6)
  }

  func testTokens() {
    let counts = TermCounts(TextSettings())
    counts.add("The x_1 ÄPFEL-birne, don't a 42!")
    counts.endDocument()
    let terms = (0..<counts.table.count).map {
      String(decoding: counts.table.term($0), as: UTF8.self)
    }
    XCTAssertEqual(terms, ["the", "x_1", "apfel", "birne", "don", "42"])
  }

  // MARK: Formats

  func testLYRL2004KeepsDocumentsOfOneRoot() throws {
    let tokens = try file(
      "t.dat", ".I 7\n.W\noil oil\n price\n\n.I 8\n.W\nvote\n\n.I 9\n.W\nbank\n")
    let topics = try file("q", "CCAT 7 1\nC11 7 1\nCCAT 8 1\nGCAT 8 1\n")
    let reader = LYRL2004Reader(roots: ["CCAT", "GCAT"], keepsUnlabelled: false)
    let counts = TermCounts(TextSettings())
    let corpus = try reader.read([tokens], topics: topics, into: counts)
    XCTAssertEqual(corpus.ids, ["7"])
    XCTAssertEqual(corpus.labels, [0])
    XCTAssertEqual(counts.counts, [2, 1])
    let all = LYRL2004Reader(roots: ["CCAT", "GCAT"], keepsUnlabelled: true)
    let kept = try all.read([tokens], topics: topics, into: TermCounts(TextSettings()))
    XCTAssertEqual(kept.labels, [0, -1, -1])
  }

  func testCSVQuotesHoldSeparatorsAndLineEnds() throws {
    let path = try file("t.csv", "id,text,label\n1,\"oil, \"\"gas\"\"\nand coal\",x\n2,bank,\n")
    let counts = TermCounts(TextSettings())
    let corpus = try TextReader().read([path], into: counts)
    XCTAssertEqual(corpus.ids, ["1", "2"])
    XCTAssertEqual(corpus.labels, [0, -1])
    XCTAssertEqual(counts.rowStarts, [0, 4, 5])
  }

  func testJSONLines() throws {
    let path = try file(
      "t.jsonl", "{\"id\": 5, \"text\": \"oil\", \"label\": \"b\"}\n{\"text\": \"gas\"}\n")
    let corpus = try TextReader().read([path], into: TermCounts(TextSettings()))
    XCTAssertEqual(corpus.ids, ["5", "1"])
    XCTAssertEqual(corpus.classNames, ["b"])
    XCTAssertEqual(corpus.labels, [0, -1])
  }

  private var scratch: Scratch { Scratch(beside: "\(folder)/data") }
  private let pictures: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 10, 0, 30, 40]
  private let labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 2, 1, 0]

  func testIDX() throws {
    let read = try IDXReader().read([try file("p", pictures), try file("l", labels)], scratch)
    XCTAssertEqual(try NumericFixtures.dense(read), [[10, 0], [30, 40]])
    XCTAssertEqual(read.corpus.labels, [1, 0])
    XCTAssertEqual(read.picture, PictureShape(height: 1, width: 2))
  }

  // MARK: Bad input

  func testBadTokenFilesAndTopics() throws {
    let reader = LYRL2004Reader(roots: ["CCAT"], keepsUnlabelled: false)
    let topics = try file("q", "CCAT 1 1\n")
    let counts = TermCounts(TextSettings())
    for (text, place) in [
      (".I 1\noil\n", "line 2"), (".I 1\n.I 2\n.W\noil\n", "line 1"), ("oil\n", "line 1"),
      (".W\noil\n", "line 1"), (".I\n.W\noil\n", "line 1"),
    ] {
      let path = try file("t.dat", text)
      assertBad(path, place) { _ = try reader.read([path], topics: topics, into: counts) }
    }
    let good = try file("t.dat", ".I 1\n.W\noil\n")
    let broken = try file("q2", "CCAT 1 1\nGCAT 1\n")
    assertBad(broken, "line 2", "2 fields") {
      _ = try reader.read([good], topics: broken, into: counts)
    }
    assertBad("no document") {
      _ = try reader.read([try file("e.dat", "")], topics: topics, into: counts)
    }
  }

  func testBadTexts() throws {
    let counts = TermCounts(TextSettings())
    let json = try file("t.jsonl", "{\"text\": \"a\"}\n{\"text\": \n")
    assertBad(json, "line 2") { _ = try TextReader().read([json], into: counts) }
    let empty = try file("e.jsonl", "")
    assertBad(empty, "no documents") { _ = try TextReader().read([empty], into: counts) }
    let ragged = try file("t.csv", "id,text\n1,oil\n2\n")
    assertBad(ragged, "line 3") { _ = try TextReader().read([ragged], into: counts) }
    let open = try file("o.csv", "id,text\n1,\"oil\n")
    assertBad(open, "line 2") { _ = try TextReader().read([open], into: counts) }
    let column = try file("c.csv", "id,body\n1,oil\n")
    assertBad(column, "line 1", "text") { _ = try TextReader().read([column], into: counts) }
  }

  func testBadPictures() throws {
    let good = try file("l", labels)
    var magic = pictures
    magic[3] = 1
    let wrong = try file("m", magic)
    assertBad(wrong, "byte 0") { _ = try IDXReader().read([wrong, good], scratch) }
    let short = try file("s", Array(pictures.dropLast()))
    assertBad(short, "19 bytes", "20") { _ = try IDXReader().read([short, good], scratch) }
    let fewer = try file("f", [0, 0, 8, 1, 0, 0, 0, 1, 1])
    assertBad(fewer, "1 labels for 2") {
      _ = try IDXReader().read([try file("p", pictures), fewer], scratch)
    }
    var upright = pictures
    (upright[11], upright[15]) = (2, 1)
    let other = try file("u", upright)
    assertBad(other, "2 x 1", "1 x 2") {
      _ = try IDXReader().read([try file("p", pictures), other], scratch)
    }
  }

  func testATruncatedGzipFileIsBadInput() throws {
    let path = try file("t.jsonl", (0..<500).map { "{\"text\": \"oil \($0 * 7919)\"}\n" }.joined())
    XCTAssertEqual(
      system("gzip -k '\(path)' && head -c 700 '\(path).gz' > '\(folder)/cut.jsonl.gz'"), 0)
    let whole = try TextReader().read(["\(path).gz"], into: TermCounts(TextSettings()))
    XCTAssertEqual(whole.count, 500)
    assertBad("cut.jsonl.gz") {
      _ = try TextReader().read(["\(folder)/cut.jsonl.gz"], into: TermCounts(TextSettings()))
    }
  }

  // MARK: The dataset folder

  private func dataset() throws -> DatasetFolder {
    let counts = TermCounts(TextSettings())
    let corpus = SyntheticCorpus(documents: 60, clusters: 4, seed: 1).read(into: counts)
    let output = "\(folder)/data"
    let writer = DatasetWriter(
      output: output, replacing: true, order: .shuffled(seed: 1234), source: "synthetic")
    _ = try writer.write(corpus, counts)
    return try DatasetFolder(opening: output)
  }

  func testPartsTogetherAreTheWhole() throws {
    let data = try dataset()
    XCTAssertEqual(data.info.samples, 60)
    var whole = InputRows(columns: data.info.features, isSparse: true)
    try data.shard(0..<60).gather(0..<60, into: &whole)
    for i in 0..<60 {
      let row = whole.sparse.values[whole.sparse.rowStarts[i]..<whole.sparse.rowStarts[i + 1]]
      let square = row.reduce(0.0) { $0 + Double($1) * Double($1) }
      XCTAssertEqual(square / Double(data.info.features), 1, accuracy: 1e-5)
    }
    for parts in 1...4 {
      var (values, labels, ids): ([Float], [Int32], [String]) = ([], [], [])
      for part in 0..<parts {
        let range = (60 * part / parts)..<(60 * (part + 1) / parts)
        var rows = InputRows(columns: data.info.features, isSparse: true)
        try data.shard(range).gather(Array(range), into: &rows)
        values += rows.sparse.values
        labels += try XCTUnwrap(data.labels(range))
        ids += try data.ids(range)
      }
      XCTAssertEqual(values, whole.sparse.values)
      XCTAssertEqual(labels, try data.labels(0..<60))
      XCTAssertEqual(Set(ids).count, 60)
    }
  }

  /// The checksums of ranks that share the documents evenly.
  private func checksums(of data: DatasetFolder, _ ranks: Int) throws -> [[Int64]] {
    let n = data.info.samples
    return try (0..<ranks).map {
      try data.checksums(of: n * $0 / ranks..<n * ($0 + 1) / ranks)
    }
  }

  func testAChangedByteInAnyFileIsFound() throws {
    let data = try dataset()
    for parts in 1...3 {
      try data.verify(checksums: checksums(of: data, parts))
    }
    for name in data.info.files.keys {
      let path = "\(folder)/data/\(name)"
      let bytes = try WholeFile.read(path)
      var changed = bytes
      changed[changed.count - 2] ^= 1
      try WholeFile.write(changed, to: path)
      assertBad(path) {
        try data.verify(checksums: checksums(of: data, 2))
      }
      try WholeFile.write(bytes, to: path)
    }
  }

  /// Two hosts, each with a copy of its own: the second rank reads more than half of the entries,
  /// and has to check all of them in its copy.
  func testARankChecksTheRowsThatItReads() throws {
    let data = try dataset()
    let first = try data.checksums(of: 0..<15)
    for name in ["indptr.npy", "indices.npy", "data.npy", "labels.npy"] {
      let path = "\(folder)/data/\(name)"
      let reader = try NPYReader(path)
      let bytes = try WholeFile.read(path)
      let start = try NPYReader("\(folder)/data/indptr.npy").integers(15..<16)[0]
      let row = ["indices.npy", "data.npy"].contains(name) ? start : 15
      var changed = bytes
      changed[reader.header.dataOffset + row * reader.header.type.bytes] ^= 1
      try WholeFile.write(changed, to: path)
      // Where a row begins in indptr.npy is also where it begins in the other files.
      assertBad(name == "indptr.npy" ? "data.npy" : name) {
        try data.verify(checksums: [first, data.checksums(of: 15..<60)])
      }
      try WholeFile.write(bytes, to: path)
    }
    try data.verify(checksums: [first, data.checksums(of: 15..<60)])
  }

  func testIDsOfAnotherNumberOfLinesAreBadInput() throws {
    for (lines, isRefused) in [
      ("doc\n", false), ("doc", false), ("doc\nmore\n", true), ("doc\n\n", true), ("", true),
    ] {
      let text = String(repeating: "doc\n", count: 59) + lines
      var info = try dataset().info
      let path = try file("data/ids.txt", text)
      // As another writer may have it: size and checksum are the file's.
      let bytes = text.utf8.count
      info.files["ids.txt"] = .init(bytes: bytes, crc32: try Checksum.crc(of: path, 0..<bytes))
      try info.write(to: "\(folder)/data")
      let data = try DatasetFolder(opening: "\(folder)/data")
      func verify() throws {
        try data.verify(checksums: checksums(of: data, 3))
      }
      if isRefused {
        let found = "has \(lines.isEmpty ? 59 : 61) lines for 60 documents"
        assertBad("ids.txt", found) { _ = try data.ids(0..<2) }
        assertBad("ids.txt", found) { try verify() }
      } else {
        XCTAssertEqual(try data.ids(59..<60), ["doc"])
        try verify()
      }
    }
  }

  func testTheRealPieceOfRCV1() throws {
    guard let root = getenv("DEC_DATA").map({ String(cString: $0) }) else {
      throw XCTSkip("set DEC_DATA to a folder of corpora that holds rcv1/ (docs/results.md)")
    }
    let rcv1 = "\(root)/rcv1"
    guard WholeFile.isFolder(rcv1) else { throw XCTSkip("\(rcv1) is not there") }
    let counts = TermCounts(TextSettings())
    let corpus = try LYRL2004Reader(
      roots: ["CCAT", "GCAT", "MCAT", "ECAT"], keepsUnlabelled: false
    ).read(
      ["test_pt0", "train"].map { "\(rcv1)/lyrl2004_tokens_\($0).dat.gz" },
      topics: "\(rcv1)/rcv1-v2.topics.qrels.gz", into: counts)
    XCTAssertEqual(corpus.count, 2020)
    XCTAssertEqual(
      (0..<4).map { label in corpus.labels.count { $0 == label } }, [860, 489, 475, 196])
    XCTAssertEqual(TfIdf(counts).vocabulary.count, 2000)
  }
}
