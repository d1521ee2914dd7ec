import Diagnostics
import Glibc
import TestSupport
import XCTest

@testable import Datasets

/// Damaged numeric files give a message with the location, and exit code 65.
final class BadFormatTests: FolderTestCase {
  private var scratch: Scratch { Scratch(beside: "\(folder)/data") }
  private let golden = NumericFixtures.golden

  private func assertBad(
    _ parts: String..., line: UInt = #line, _ body: () throws -> NumericCorpus
  ) {
    XCTAssertThrowsError(try body(), line: line) { error in
      XCTAssertEqual((error as? Failure)?.exitCode, 65, "\(error)", line: line)
      XCTAssert("\(error)".hasPrefix(folder) || "\(error)".hasPrefix(golden), "\(error)")
      XCTAssertFalse("\(error)".contains("\n"), "\(error)", line: line)
      for part in parts { XCTAssert("\(error)".contains(part), "\(error)", line: line) }
    }
  }

  func testSVMLight() throws {
    for (text, place, found) in [
      ("1 1:1\nx 1:1\n", "line 2", "\"x\""), ("1 1:1 1:2\n", "line 1", "ascend"),
      ("1 2:1 1:2\n", "line 1", "index 1 follows 2"), ("1 -1:1\n", "line 1", "index -1"),
      ("1 1:nan\n", "line 1", "NaN"), ("1 1:-inf\n", "line 1", "NaN"),
      ("1 1:1e39\n", "line 1", "float32"), ("1 3000000000:1\n", "line 1", "index 3000000000"),
      ("1 1\n", "line 1", "index:value"), ("1 1:\n", "line 1", "index:value"),
      ("1:2 3:4\n", "line 1", "label"), ("nan 1:1\n", "line 1", "label"),
      ("1,2 1:1\n", "line 1", "label"), ("# nothing\n", "t.svm", "no documents"),
      ("1\n2\n", "t.svm", "no features"), ("1 a\u{1}:\u{7f}\n", "line 1", "\"a?:?\""),
    ] {
      let path = try file("t.svm", Array(text.utf8))
      assertBad(place, found) { try SVMLightReader().read([path], scratch) }
    }
    let path = try file("t.svm", Array("1 0:1\n2 1:1 7:1\n".utf8))
    var reader = SVMLightReader()
    reader.features = 7
    assertBad("line 2", "index 7 is beyond 7 features") { try reader.read([path], scratch) }
    reader.zeroBased = .no
    assertBad("line 1", "index 0", "--zero-based") { try reader.read([path], scratch) }
  }

  func testMatrixMarket() throws {
    let start = "%%MatrixMarket matrix coordinate real general\n"
    for (text, place, found) in [
      ("", "line 1", "begin"), ("1 1 1\n", "line 1", "begin"),
      ("%%MatrixMarket matrix coordinate complex general\n1 1 1\n", "line 1", "kind"),
      ("%%MatrixMarket matrix coordinate real hermitian\n", "line 1", "symmetry"),
      ("%%MatrixMarket matrix array pattern general\n", "line 1", "kind"),
      (start, "line 1", "size line"), (start + "% a\n2 2\n", "line 3", "size line"),
      (start + "2 -2 1\n", "line 2", "size line"), (start + "2 0 0\n", "t.mtx", "columns"),
      (start + "2 2 2\n1 1 1\n", "line 3", "ends after 1 of 2"),
      (start + "2 2 1\n1 1 1\n2 2 2\n", "line 4", "goes on after 1"),
      (start + "2 2 1\n3 1 1\n", "line 3", "(3, 1) is outside of 2 x 2"),
      (start + "2 2 1\n0 1 1\n", "line 3", "outside"),
      (start + "2 2 1\n1 -1 1\n", "line 3", "outside"),
      (start + "2 2 1\n1 1\n", "line 3", "no entry"),
      (start + "2 2 1\n1 1 1 1\n", "line 3", "no entry"),
      (start + "2 2 1\n1 1 nan\n", "line 3", "NaN"),
      (start + "2 2 1\n1 1 1e300\n", "line 3", "float32"),
      (start + "2000000000 5 1\n1 1 1\n", "t.mtx", "only 1 entries"),
      (start + "0 5 0\n", "t.mtx", "no documents"),
      ("%%MatrixMarket matrix coordinate real symmetric\n2 3 1\n", "line 2", "2 x 3"),
      ("%%MatrixMarket matrix array real general\n2 1\n1\n", "line 3", "1 of 2"),
      ("%%MatrixMarket matrix array real general\n1 1\n1\n1\n", "line 4", "goes on"),
      ("%%MatrixMarket matrix array real general\n1 1\ninf\n", "line 3", "finite"),
    ] {
      let path = try file("t.mtx", Array(text.utf8))
      assertBad(place, found) { try MatrixMarketReader().read([path], scratch) }
    }
    assertBad("unlike") {
      try MatrixMarketReader().read(["\(golden)/real.mtx", "\(golden)/array.mtx"], scratch)
    }
    let narrow = try file("n.mtx", Array((start + "1 2 1\n1 1 1\n").utf8))
    assertBad("n.mtx", "2 columns after a file of 6") {
      try MatrixMarketReader().read(["\(golden)/real.mtx", narrow], scratch)
    }
  }

  func testNPY() throws {
    let good = try WholeFile.read("\(golden)/dense-f4.npy")
    func read(_ bytes: [UInt8]) throws -> NumericCorpus {
      try NPYMatrixReader().read([try file("t.npy", bytes)], scratch)
    }
    assertBad("does not begin") { try read([1, 2, 3]) }
    assertBad("has \(good.count - 1) bytes", "\(good.count)") { try read(Array(good.dropLast())) }
    assertBad("has \(good.count + 1) bytes") { try read(good + [0]) }
    assertBad("inside its header") { try read(Array(good[..<60])) }
    func header(_ shape: [Int], _ type: NPY.ElementType) -> [UInt8] {
      NPY.header(shape: shape, type: type)
    }
    assertBad("1 dimensions") { try read(header([3], .uint8) + [1, 2, 3]) }
    assertBad("rows of 0") { try read(header([3, 0], .uint8)) }
    assertBad("no documents") { try read(header([0, 3], .uint8)) }
    assertBad("beyond all bounds") { try read(header([1 << 40, 1 << 30], .uint8)) }
    let bigEndian = good.map { $0 == 0x3c ? 0x3e : $0 }  // '<f4' to '>f4'
    assertBad("\">f4\"", "little-endian") { try read(bigEndian) }
    assertBad("2 features after", "6") {
      try NPYMatrixReader().read(
        ["\(golden)/dense-f4.npy", try file("w.npy", header([1, 2], .uint8) + [1, 2])], scratch)
    }
    for bad in [Float.nan, .infinity] {
      var bytes = header([3, 2], .float32)
      for value in [1, 2, 3, 4, bad, 6] { withUnsafeBytes(of: value) { bytes += $0 } }
      let documents = try read(bytes)
      let output = "\(folder)/data"
      for scale in [nil, 2.0] {
        XCTAssertThrowsError(
          try DatasetWriter(
            output: output, replacing: false, order: .shuffled(seed: 1), source: "npy"
          )
          .write(documents, scale: scale)
        ) {
          XCTAssertEqual(($0 as? Failure)?.exitCode, 65)
          XCTAssert("\($0)".contains("t.npy: row 2: holds NaN, infinity"), "\($0)")
        }
        XCTAssertEqual(try File.names(in: folder).filter { $0.contains("data") }, [])
      }
    }
  }

  func testNPZ() throws {
    let good = try WholeFile.read("\(golden)/csr-stored.npz")
    func read(_ bytes: [UInt8]) throws -> NumericCorpus {
      try NPZReader().read([try file("t.npz", bytes)], scratch)
    }
    XCTAssertEqual(try read(good).corpus.count, 7)
    assertBad("no end of a ZIP file") { try read(Array(good.dropLast(30))) }
    assertBad("no end of a ZIP file") { try read([]) }
    assertBad("csc", "tocsr") { try NPZReader().read(["\(golden)/csc.npz"], scratch) }
    // One byte changed in the elements of any member.
    for offset in stride(from: 200, to: good.count - 600, by: 97) {
      var bytes = good
      bytes[offset] ^= 0x10
      if let documents = try? read(bytes) { XCTAssertEqual(documents.corpus.count, 7) }
    }
    guard system("python3 -c 'import numpy' 2> /dev/null") == 0 else {
      throw XCTSkip("python3 with numpy is not there")
    }
    let cases = [
      ("indices=np.array([0, 3, 1])", "row 0, entry 1", "index 3 of 3"),
      ("indices=np.array([0, -1, 1])", "row 0, entry 1", "index -1"),
      ("indices=np.array([0.0, 1, 1])", "indices.npy", "integers"),
      ("indptr=np.array([0, 4, 3])", "row 0", "0 to 4 of 3"),
      ("indptr=np.array([0, 2, 1])", "row 1", "2 to 1"),
      ("indptr=np.array([1, 2, 3])", "indptr.npy", "start of 2 rows"),
      ("indptr=np.array([0, 3])", "indptr.npy", "2 rows"),
      ("data=np.array([1.0, 2.0])", "data.npy", "2 values for 3"),
      ("data=np.array([1.0, np.nan, 1.0])", "row 0", "NaN"),
      ("data=np.array([1.0, 2.0, np.inf])", "row 1", "infinity"),
      ("data=np.array([1.0, 2.0, 1e39])", "row 1", "float32"),
      ("data=np.array(['a', 'b', 'c'])", "data.npy", "<U1"),
      ("shape=np.array([2, 3, 1])", ".npz", "3 dimensions"),
      ("shape=np.array([2, 0])", ".npz", "2 x 0"),
      ("shape=np.array([-2, 3])", ".npz", "-2 x 3"),
      ("format=None", ".npz", "no member format.npy"),
      ("format=3", ".npz", "no text"),
    ]
    let script = """
      import numpy as np, sys
      for i, line in enumerate(open(sys.argv[1])):
          parts = dict(indices=np.array([0, 2, 1]), indptr=np.array([0, 2, 3]), format=b"csr",
                       shape=np.array([2, 3]), data=np.array([1.0, 2.0, 3.0]))
          parts.update(eval("dict(" + line + ")"))
          np.savez_compressed(f"{sys.argv[2]}/{i}.npz",
                              **{k: v for k, v in parts.items() if v is not None})
      """
    let python = try file("make.py", Array(script.utf8))
    let lines = try file("cases", Array(cases.map { $0.0 + "\n" }.joined().utf8))
    XCTAssertEqual(system("python3 '\(python)' '\(lines)' '\(folder)' 2>&1"), 0)
    for (i, (_, place, found)) in cases.enumerated() {
      assertBad(place, found) { try NPZReader().read(["\(folder)/\(i).npz"], scratch) }
    }
  }

  func testSTL10() throws {
    let pictures = "\(golden)/stl10-pictures.bin.gz"
    let short = try file("s.bin", [UInt8](repeating: 7, count: 30_000))
    assertBad("byte 27648", "has 30000 bytes") { try STL10Reader().read([short], scratch) }
    let wrong = try file("y.bin", [1, 11, 2])
    assertBad("byte 1", "label 11") { try STL10Reader().read([pictures, wrong], scratch) }
    let fewer = try file("z.bin", [1, 2])
    assertBad("not 3 labels") { try STL10Reader().read([pictures, fewer], scratch) }
    assertBad("byte 0", "has 0 bytes") { try STL10Reader().read([try file("e", [])], scratch) }
  }

  func testFilesThatAreNone() throws {
    let readers: [([String]) throws -> NumericCorpus] = [
      { try NPZReader().read($0, self.scratch) }, { try NPYMatrixReader().read($0, self.scratch) },
      { try SVMLightReader().read($0, self.scratch) },
      { try MatrixMarketReader().read($0, self.scratch) },
      { try STL10Reader().read($0, self.scratch) }, { try IDXReader().read($0 + $0, self.scratch) },
    ]
    XCTAssertEqual(
      system("head -c 60 '\(golden)/real.mtx.gz' > '\(folder)/cut.gz'"), 0)
    for read in readers {
      assertBad("is a folder") { try read([folder]) }
      assertBad("gzip") { try read(["\(folder)/cut.gz"]) }
      XCTAssertThrowsError(try read(["\(folder)/nowhere"])) {
        XCTAssertEqual(($0 as? Failure)?.exitCode, 1, "\($0)")
      }
    }
  }

  func testLabelFiles() throws {
    var corpus = try NPYMatrixReader().read(["\(golden)/dense-f4.npy"], scratch).corpus
    func labels(_ type: NPY.ElementType, _ values: [Int64]) throws -> String {
      var bytes = NPY.header(shape: [values.count], type: type)
      for value in values { withUnsafeBytes(of: value) { bytes += $0 } }
      return try file("l.npy", bytes)
    }
    for (values, found) in [
      ([0, 1, 2, 3, 4, 5], "6 labels for 7"), ([0, 1, 2, 3, 4, 5, .max], "element 6"),
      ([0, 1, -2, 3, 4, 5, 6], "element 2: is label -2"),
    ] as [([Int64], String)] {
      let path = try labels(.int64, values)
      XCTAssertThrowsError(try corpus.readLabels(path)) {
        XCTAssertEqual(($0 as? Failure)?.exitCode, 65)
        XCTAssert("\($0)".contains(found), "\($0)")
      }
    }
    try corpus.readLabels(labels(.int64, [0, 1, -1, 3, 3, 0, 0]))
    XCTAssertEqual(corpus.labels, [0, 1, -1, 3, 3, 0, 0])
  }
}
