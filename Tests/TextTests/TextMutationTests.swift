import DenseMath
import Diagnostics
import Glibc
import XCTest

@testable import Datasets
@testable import Text

/// Token files, JSON lines and CSV with bytes changed, dropped, repeated and cut: each is read, or
/// refused as bad input, and in parts as in one.
final class TextMutationTests: XCTestCase {
  /// Counts documents and takes their tokens; keeps nothing.
  private final class Counter: DocumentSink {
    var documents = 0
    var tokens = 0
    private let tokenizer: Tokenizer

    init(_ tokenizer: Tokenizer) { self.tokenizer = tokenizer }

    func add(_ text: UnsafeRawBufferPointer) { tokenizer.tokens(in: text) { _ in tokens += 1 } }
    func endDocument(id: UnsafeRawBufferPointer?, label: DocumentLabel) { documents += 1 }
    func dropDocument() {}
    func note(invalidSequences: Int) {}
  }

  /// Made once: its tables take longer than a document.
  private let tokenizer = Tokenizer(minimumLength: 2)

  /// Documents and tokens; nil for bad input.
  private func read(_ source: some DocumentSource, parts: Int) throws -> [Int]? {
    let counter = Counter(tokenizer)
    do {
      for part in 0..<parts {
        try source.read(part: part, of: parts, into: counter, progress: ReadingProgress())
      }
      return [counter.documents, counter.tokens]
    } catch let failure as Failure where failure.kind == .badInput {
      return nil
    }
  }

  private func mutated(_ bytes: [UInt8], _ random: inout RandomStream) -> [UInt8] {
    var bytes = bytes
    for _ in 0...random.integer(below: 3) where !bytes.isEmpty {
      let i = Int(random.integer(below: Int64(bytes.count)))
      switch random.integer(below: 5) {
      case 0: bytes[i] = UInt8(random.integer(below: 256))
      case 1: bytes.remove(at: i)
      case 2:
        bytes.insert(Array("\"\\\n,{}[:.I\r \u{e9}".utf8).randomElement(using: &random)!, at: i)
      case 3: bytes.removeLast(bytes.count - i)
      default: bytes.insert(contentsOf: bytes[i..<min(bytes.count, i + 9)], at: i)
      }
    }
    return bytes
  }

  /// DEC_FUZZ_CASES, as for the other formats.
  private static let cases = getenv("DEC_FUZZ_CASES").flatMap { Int(String(cString: $0)) } ?? 20_000

  private func check(
    _ name: String, _ text: String, cases: Int = TextMutationTests.cases,
    _ source: (String) throws -> some DocumentSource
  ) throws {
    let path = "/tmp/dec-mutation-\(getpid())-\(name)"
    defer { unlink(path) }
    var random = RandomStream(seed: 7, .sample, text.utf8.count)
    var refused = 0
    for number in 0..<cases {
      let bytes = mutated(Array(text.utf8), &random)
      try File.write(bytes, to: path)
      let source = try source(path)
      let whole = try read(source, parts: 1)
      if whole == nil { refused += 1 }
      if number % 4 == 0 {
        XCTAssertEqual(try read(source, parts: 3), whole, "case \(number): \(bytes)")
      }
    }
    XCTAssert(refused > cases / 50 && refused < cases * 49 / 50, "\(refused) refused")
  }

  func testTokenFiles() throws {
    let qrels = "/tmp/dec-mutation-\(getpid())-qrels"
    defer { unlink(qrels) }
    try File.write(Array("A 1 1\nA 2 1\nB 3 1\n".utf8), to: qrels)
    let reader = LYRL2004Reader(roots: ["A", "B"], keepsUnlabelled: true)
    let topics = try RootTopics(qrels, roots: reader.roots)
    try check("t.dat", ".I 1\n.W\noil gas\nprice\n\n.I 2\n.W\n\n.I 3\n.W\nvote é\n") {
      LYRL2004Source(reader: reader, files: [$0], topics: topics, qrels: qrels)
    }
    var random = RandomStream(seed: 7, .sample)
    for _ in 0..<2000 {
      try File.write(mutated(Array("A 1 1\nA 2 1\nB 3 1\n".utf8), &random), to: qrels)
      do { _ = try RootTopics(qrels, roots: ["A", "B"]) } catch let failure as Failure {
        XCTAssertEqual(failure.kind, .badInput)
      }
    }
  }

  func testJSONLines() throws {
    try check(
      "t.jsonl",
      "{\"id\": 1, \"text\": \"oil \\u00e9\\n\"}\n{\"a\": [1, {\"b\": -2e3}], \"text\": \"é\", \"label\": \"x\"}\n"
    ) { try TextReader().source([$0]) }
  }

  func testTables() throws {
    try check("t.csv", "id,text,label\n1,\"oil, \"\"gas\"\"\nand\",x\n2,bank é,\n") {
      try TextReader().source([$0])
    }
  }
}
