import Diagnostics
import Glibc
import XCTest

@testable import Datasets

/// Mutated files of every numeric format; see `Fuzz`.
final class FuzzNumericTests: XCTestCase {
  private let golden = NumericFixtures.golden

  private func good(_ names: [String]) throws -> [[UInt8]] {
    try names.map { try WholeFile.read("\(golden)/\($0)") }
  }

  private func gzipped(_ names: [String]) throws -> [[UInt8]] {
    try names.map { name in
      var template = Array("/tmp/dec-gz-XXXXXX".utf8CString)
      let folder = String(cString: mkdtemp(&template))
      defer { system("rm -rf '\(folder)'") }
      XCTAssertEqual(system("gzip -nc '\(golden)/\(name)' > '\(folder)/x'"), 0)
      return try WholeFile.read("\(folder)/x")
    }
  }

  /// Reads every row; in some cases writes the dataset as well.
  private func use(_ documents: NumericCorpus, _ path: String) throws {
    let n = documents.corpus.count
    XCTAssertEqual(documents.corpus.labels.count, n)
    XCTAssert(try NumericFixtures.isSound(documents))
    if n * documents.features < 1 << 16 { _ = try NumericFixtures.dense(documents) }
    if n < 1000, n * 31 % 7 == 0 {
      let output = path + ".data"
      _ = try DatasetWriter(output: output, replacing: true, seed: 1, limit: nil, source: path)
        .write(documents, scale: nil)
      _ = try DatasetFolder(opening: output).shard(0..<n)
    }
  }

  func testNPZ() throws {
    let names = ["csr", "csr-stored", "csr-array", "csr-int64", "csr-unsorted"].map { "\($0).npz" }
    let fine = try Fuzz.run(
      "npz", "x.npz", good: good(names) + gzipped(names),
      words: ["PK\u{1}\u{2}", "PK\u{3}\u{4}", "PK\u{5}\u{6}", "PK\u{6}\u{6}", "PK\u{6}\u{7}"]
    ) {
      try use(NPZReader().read([$0], Scratch(beside: $0)), $0)
    }
    XCTAssertLessThan(fine, Fuzz.cases)
  }

  /// Mutates the contents of members and corrects their checksums, so that the contents are read.
  func testMembersOfNPZ() throws {
    var template = Array("/tmp/dec-members-XXXXXX".utf8CString)
    let folder = String(cString: mkdtemp(&template))
    let archive = try ZIPArchive(
      WholeInput("\(golden)/csr-unsorted.npz", Scratch(beside: folder)), Scratch(beside: folder))
    let members = try archive.members.map { member in
      let (bytes, owner) = try archive.contents(of: member)
      return withExtendedLifetime(owner) { (member.name, Array(bytes)) }
    }
    system("rm -rf '\(folder)'")
    for (i, (name, bytes)) in members.enumerated() {
      try Fuzz.run(
        "npz-" + name, "x.npy", good: [bytes], words: ["'<i8'", "'<i4'", "'<f8'", "(7,)", "(99,)"],
        cases: Fuzz.cases / 4
      ) { path in
        var changed = members
        changed[i].1 = try WholeFile.read(path)
        let zip = path + ".npz"
        try File.write(Self.stored(changed), to: zip)
        try use(NPZReader().read([zip], Scratch(beside: zip)), zip)
      }
    }
  }

  private static func stored(_ members: [(String, [UInt8])]) -> [UInt8] {
    func bytes(_ values: (Int, Int)...) -> [UInt8] {
      values.flatMap { value, size in (0..<size).map { UInt8(value >> (8 * $0) & 0xff) } }
    }
    var (body, directory) = ([UInt8](), [UInt8]())
    for (name, contents) in members {
      let crc = Int(crc(contents))
      let start = body.count
      body += bytes((0x0403_4b50, 4), (20, 2), (0, 8), (crc, 4), (contents.count, 4))
      body += bytes((contents.count, 4), (name.utf8.count, 2), (0, 2)) + Array(name.utf8) + contents
      directory += bytes((0x0201_4b50, 4), (20, 2), (20, 2), (0, 8), (crc, 4), (contents.count, 4))
      directory += bytes((contents.count, 4), (name.utf8.count, 2), (0, 2), (0, 2), (0, 4), (0, 4))
      directory += bytes((start, 4)) + Array(name.utf8)
    }
    let end = bytes(
      (0x0605_4b50, 4), (0, 4), (members.count, 2), (members.count, 2), (directory.count, 4),
      (body.count, 4), (0, 2))
    return body + directory + end
  }

  private static func crc(_ bytes: [UInt8]) -> UInt32 {
    var crc = ~UInt32(0)
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 {
        let isOdd = crc & 1 == 1
        crc >>= 1
        if isOdd { crc ^= 0xedb8_8320 }
      }
    }
    return ~crc
  }

  func testNPY() throws {
    let names = ["f2", "f4", "f8-fortran", "f4-fortran", "i4"].map { "dense-\($0).npy" }
    try Fuzz.run(
      "npy", "x.npy", good: good(names) + gzipped(names),
      words: ["True", "False", "'<f8'", "'<i8'", "(7, 6)", "(6, 7)", "(0, 7)", "(42,)", "()"]
    ) {
      try use(NPYMatrixReader().read([$0], Scratch(beside: $0)), $0)
    }
  }

  func testLabels() throws {
    var lines = Corpus()
    lines.ids = (0..<7).map(String.init)
    try Fuzz.run("labels", "l.npy", good: good(["labels.npy"]), words: ["'<i4'", "(14,)"]) {
      var corpus = lines
      try corpus.readLabels($0)
      XCTAssertEqual(corpus.labels.count, 7)
    }
    let text = Array("2\n0\n1\n1\n-1\n0\n\u{e4}\n".utf8)
    try Fuzz.run("label-lines", "l.txt", good: [text], words: ["\n", "\r\n"]) {
      var corpus = lines
      try corpus.readLabels($0)
      XCTAssertEqual(corpus.labels.count, 7)
    }
  }

  func testSVMLight() throws {
    let names = ["base-0.svm", "base-1.svm"]
    try Fuzz.run(
      "svmlight", "x.svm", good: good(names) + gzipped(names),
      words: [":", " ", "#", "\n", "-1", "qid:3", "1e9", "nan", "2147483646:1", "e", "."]
    ) {
      try use(SVMLightReader().read([$0], Scratch(beside: $0)), $0)
    }
  }

  func testMatrixMarket() throws {
    let names = [
      "real", "integer", "pattern", "symmetric", "skew", "array", "symmetric-array", "skew-array",
    ].map { "\($0).mtx" }
    try Fuzz.run(
      "matrix-market", "x.mtx", good: good(names) + gzipped(["real.mtx", "array.mtx"]),
      words: [
        "%", " ", "\n", "general", "symmetric", "skew-symmetric", "array", "coordinate", "pattern",
        "1048577", "2147483646", "nan", "-1", "999999999999999999",
      ]
    ) {
      try use(MatrixMarketReader().read([$0], Scratch(beside: $0)), $0)
    }
  }

  func testIDX() throws {
    let pictures: [UInt8] =
      [0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2, 10, 0, 30, 40, 0, 0, 0, 0, 1, 2, 3, 4]
    let labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 3, 1, 0, 2]
    for isLabels in [false, true] {
      try Fuzz.run("idx-\(isLabels)", "x", good: [isLabels ? labels : pictures]) { path in
        let other = path + "-other"
        if !WholeFile.exists(other) { try File.write(isLabels ? pictures : labels, to: other) }
        try use(
          IDXReader().read(
            isLabels ? [other, path] : [path, other], Scratch(beside: path)), path)
      }
    }
  }

  func testSTL10() throws {
    var one = [UInt8](repeating: 0, count: STL10Picture.bytes)
    for i in one.indices { one[i] = UInt8(truncatingIfNeeded: i * i / 7) }
    var left = 5  // In the debug build features take their time.
    try Fuzz.run("stl10", "x.bin", good: [one, one + one] + good(["stl10-pictures.bin.gz"])) {
      let documents = try STL10Reader().read([$0], Scratch(beside: $0))
      if left > 0 {
        left -= 1
        _ = try NumericFixtures.dense(documents)
      }
    }
    try Fuzz.run("stl10-labels", "y.bin", good: [[1, 2, 10]]) {
      let pictures = "\(golden)/stl10-pictures.bin.gz"
      _ = try STL10Reader().read([pictures, $0], Scratch(beside: $0))
    }
  }
}
