import Collectives
import Diagnostics
import Glibc
import TestSupport
import XCTest

@testable import Datasets
@testable import Text

/// Text prepared by all ranks against the plain way on one: the same files, byte for byte.
final class TextPreparationTests: SharedFolderTestCase {
  /// Writes a file on rank 0.
  private func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    let path = "\(folder)/\(name)"
    try world.together { if world.isRoot { try WholeFile.write(bytes, to: path) } }
    return path
  }

  private func writer(
    _ name: String, _ order: DocumentOrder = .drawn(seed: 1234), limit: Int? = nil
  ) -> DatasetWriter {
    DatasetWriter(
      output: "\(folder)/\(name)", replacing: false, order: order, limit: limit, source: "test")
  }

  /// Prepares `source` in every order together and, on rank 0, plainly; compares every file.
  private func assertTheSame(
    _ source: some DocumentSource, stems: Bool = false, features: Int = 40, limit: Int? = nil,
    memoryLimit: Int = 0, line: UInt = #line
  ) throws {
    var settings = TextSettings()
    settings.features = features
    settings.stems = stems
    try assertTheSame(source, settings, limit: limit, memoryLimit: memoryLimit, line: line)
  }

  private func assertTheSame(
    _ source: some DocumentSource, _ settings: TextSettings, limit: Int? = nil,
    memoryLimit: Int = 0, line: UInt = #line
  ) throws {
    for order in [DocumentOrder.input, .drawn(seed: 1234), .shuffled(seed: 1234)] {
      try assertTheSame(
        source, order, settings, limit: limit, memoryLimit: memoryLimit, line: line)
    }
  }

  private func assertTheSame(
    _ source: some DocumentSource, _ order: DocumentOrder, _ settings: TextSettings,
    limit: Int?, memoryLimit: Int, line: UInt
  ) throws {
    var preparation = TextPreparation(writer("shared", order, limit: limit), settings)
    preparation.memoryLimit = memoryLimit
    preparation.sliceBytes = 500
    let outcome = try preparation.run(source, over: world)
    try world.together {
      guard world.isRoot else { return }
      let counts = TermCounts(settings)
      let corpus = try CorpusSink.read(source, into: counts)
      let info = try writer("plain", order, limit: limit).write(corpus, counts)
      XCTAssertEqual(outcome.info, info, line: line)
      XCTAssertEqual(
        try File.names(in: "\(folder)/shared"), try File.names(in: "\(folder)/plain"), line: line)
      for name in try File.names(in: "\(folder)/plain") {
        XCTAssertEqual(
          try WholeFile.read("\(folder)/shared/\(name)"),
          try WholeFile.read("\(folder)/plain/\(name)"), name, line: line)
      }
      system("rm -rf '\(folder)/shared' '\(folder)/plain'")
    }
  }

  private func tokens(_ range: Range<Int>) -> [UInt8] {
    let corpus = SyntheticCorpus(documents: range.upperBound, clusters: 4, seed: 3)
    return range.flatMap { number in
      var text = Array(".I \(number * 7 + 1)\n.W\n".utf8)
      if number % 13 != 5 { _ = corpus.document(number, into: &text, lineLength: 7) }
      return text + [0x0a]
    }
  }

  func testTokenFilesCutAnywhere() throws {
    let topics = (0..<150).map { "\(["CCAT", "GCAT", "X"][$0 % 3]) \($0 * 7 + 1) 1\n" }.joined()
    let qrels = try file("topics", Array(topics.utf8))
    let files = [try file("a.dat", tokens(0..<90)), try file("b.dat", tokens(90..<150))]
    for keeps in [false, true] {
      let reader = LYRL2004Reader(roots: ["CCAT", "GCAT"], keepsUnlabelled: keeps)
      let source = try reader.source(files, topics: qrels)
      try assertTheSame(source)
      try assertTheSame(source, limit: 10, memoryLimit: 1 << 28)
    }
  }

  func testJSONLinesFoldersAndTables() throws {
    let corpus = SyntheticCorpus(documents: 40, clusters: 4, seed: 5)
    let lines = (0..<40).map { i in
      let label = i % 3 == 0 ? "" : ", \"label\": \"class é\(i % 4)\""
      let id = i % 2 == 0 ? "" : "\"id\": \"d\(i)\", "
      return "{\(id)\"text\": \"Größe \(corpus.document(i).text)\"\(label)}\n"
    }
    let json = try file("a.jsonl", Array(lines.joined().utf8))
    let rows = (0..<9).map { "\"\(corpus.document($0).text)\nmore\",k\($0 % 2)\n" }
    let table = try file("t.csv", Array(("text,label\n" + rows.joined()).utf8))
    try world.together {
      guard world.isRoot else { return }
      for (i, name) in ["b", "a", "c"].enumerated() {
        try WholeFile.makeFolder("\(folder)/texts/\(name)", replacing: true)
        for j in 0...i {
          try WholeFile.write(
            Array(corpus.document(i * 7 + j).text.utf8), to: "\(folder)/texts/\(name)/\(j)")
        }
      }
    }
    let source = try TextReader().source([json, table, "\(folder)/texts"])
    try assertTheSame(source, stems: true)
    try assertTheSame(source, features: 5000)
  }

  func testStopWordsLimitsAndBM25() throws {
    let corpus = SyntheticCorpus(documents: 83, clusters: 4, seed: 6)
    let lines = (0..<83).map { i in
      "{\"text\": \"The \(i % 9 == 4 ? "" : corpus.document(i).text) ISN'T \"}\n"
    }
    let json = try file("a.jsonl", Array(lines.joined().utf8))
    let source = try TextReader().source([json])
    for (maximum, features, limit) in [(0.5, 60, nil), (0.2, 1000, 20), (1, 30, nil)]
      as [(
        Double, Int, Int?
      )]
    {
      var settings = TextSettings()
      settings.weight = .bm25
      settings.features = features
      settings.stems = features == 60
      settings.maximumDocumentFrequency = maximum
      try settings.takeStopWords("english")
      try assertTheSame(source, settings, limit: limit)
    }
    var none = TextSettings()
    none.maximumDocumentFrequency = 1e-9
    XCTAssertThrowsError(
      try TextPreparation(writer("none"), none).run(source, over: world)
    ) {
      XCTAssertEqual(($0 as? Failure)?.exitCode, 65)
      XCTAssert("\($0)".contains("--max-df"), "\($0)")
    }
    world.barrier()
  }

  func testOneDocumentForManyRanks() throws {
    let json = try file("a.jsonl", Array("{\"text\": \"one document\"}\n{\"text\": \"\"}\n".utf8))
    try assertTheSame(try TextReader().source([json]))
    XCTAssertEqual(
      try TextPreparation(writer("again"), TextSettings()).run(
        try TextReader().source([json]), over: world
      ).info.emptySamples, 1)
  }

  /// Openings follow their documents through every order, and words are counted over all ranks.
  func testOpeningsAndWordsAtEveryNumberOfRanks() throws {
    // "ships" is rarer than "shipping" only over the whole corpus.
    let forms = ["ships ships", "shipping", "shipping", "shipping"]
    let lines = (0..<24).map { "{\"text\": \"\\tno. \($0)\\n\\u202e \(forms[$0 % 4]) Größe\"}\n" }
    let json = try file("a.jsonl", Array(lines.joined().utf8))
    let source = try TextReader().source([json])
    var settings = TextSettings()
    settings.stems = true
    for (order, limit) in [
      (DocumentOrder.input, nil), (.drawn(seed: 1), 9), (.shuffled(seed: 1), 20),
    ]
      as [(DocumentOrder, Int?)]
    {
      var preparation = TextPreparation(writer("data", order, limit: limit), settings)
      preparation.openingLength = 16
      preparation.memoryLimit = 0
      let info = try preparation.run(source, over: world).info
      let data = try DatasetFolder(opening: "\(folder)/data")
      let ids = try data.ids(0..<info.samples).map { Int($0)! }
      let openings = try data.openings(of: Array(ids.indices))
      for (row, id) in ids.enumerated() {
        let whole = "no. \(id) \(forms[id % 4]) Größe".prefix(16)
        XCTAssertEqual(
          openings[row], String(whole.last == " " ? whole.dropLast() : whole), "\(order)")
      }
      let terms = try XCTUnwrap(data.vocabulary()).map(\.term)
      let words = Dictionary(uniqueKeysWithValues: zip(terms, try XCTUnwrap(data.words())))
      XCTAssertEqual(words["ship"], "shipping")
      XCTAssertEqual(words["grosse"] ?? words["große"] ?? words["größe"], "große")
      try data.verify(checksums: [data.checksums(of: 0..<info.samples)])
      // What training reads is what it is without them.
      preparation.openingLength = nil
      preparation.writer.replacing = true
      XCTAssertEqual(try preparation.run(source, over: world).info.fingerprint, info.fingerprint)
      world.barrier()
      try world.together { if world.isRoot { system("rm -rf '\(folder)/data'") } }
    }
  }

  func testSyntheticTextIsTheSyntheticCorpus() throws {
    let corpus = SyntheticCorpus(documents: 95, clusters: 4, seed: 1)
    var text = SyntheticText(corpus, output: "\(folder)/text", replacing: false)
    text.documentsAFile = 10
    let files = try text.write(over: world).files.map { "\(folder)/text/\($0)" }
    XCTAssertEqual(files.count, 10)
    let reader = LYRL2004Reader(roots: corpus.rootNames, keepsUnlabelled: false)
    let source = try reader.source(files, topics: "\(folder)/text/topics.qrels")
    let a = try TextPreparation(writer("a"), TextSettings()).run(source, over: world)
    let b = try TextPreparation(writer("b"), TextSettings()).run(corpus, over: world)
    XCTAssertEqual(a, b)
  }

  func testABrokenLineIsEveryRanksFailureAndLeavesNothing() throws {
    for bad in [0, 37, 79] {
      let lines = (0..<80).map { $0 == bad ? "{\"text\": \"a\n" : "{\"text\": \"word \($0)\"}\n" }
      let json = try file("bad.jsonl", Array(lines.joined().utf8))
      XCTAssertThrowsError(
        try TextPreparation(writer("out"), TextSettings()).run(
          try TextReader().source([json]), over: world)
      ) { error in
        let failure = error as? Failure
        XCTAssertEqual(failure?.exitCode, 65)
        XCTAssertEqual(failure?.isShared, true)
        XCTAssert("\(error)".contains("bad.jsonl: line \(bad + 1), column 12:"), "\(error)")
      }
    }
    world.barrier()
    let left = try File.names(in: folder)
    XCTAssertEqual(left, ["bad.jsonl"])
  }
}
