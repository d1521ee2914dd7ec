import Diagnostics
import Glibc
import TestSupport
import XCTest

@testable import Datasets

/// The numeric readers on files that numpy, scipy and scikit-learn wrote
/// (scripts/golden/formats.py, stl10.py).
final class FormatTests: FolderTestCase {
  private var scratch: Scratch { Scratch(beside: "\(folder)/data") }
  private let golden = NumericFixtures.golden

  /// The matrix that all the sparse files hold.
  private func expected() throws -> [[Float]] {
    let reader = try NPYReader("\(golden)/expected.npy")
    let values = try reader.floats(0..<reader.header.count)
    return (0..<7).map { Array(values[$0 * 6..<$0 * 6 + 6]) }
  }

  private func transposed(_ x: [[Float]]) -> [[Float]] {
    x[0].indices.map { j in x.map { $0[j] } }
  }

  private func added(_ x: [[Float]], _ y: [[Float]], _ factor: Float) -> [[Float]] {
    zip(x, y).map { zip($0, $1).map { $0 + factor * $1 } }
  }

  func testNPZ() throws {
    for name in ["csr", "csr-stored", "csr-array", "csr-float32", "csr-int64", "csr-unsorted"] {
      let read = try NPZReader().read(["\(golden)/\(name).npz"], scratch)
      XCTAssertEqual(try NumericFixtures.dense(read), try expected(), name)
      XCTAssert(try NumericFixtures.isSound(read), name)
    }
    let twice = try NPZReader().read(["\(golden)/csr.npz", "\(golden)/csr-stored.npz"], scratch)
    XCTAssertEqual(try NumericFixtures.dense(twice), try expected() + expected())
  }

  func testSVMLight() throws {
    for base in [0, 1] {
      for zeroBased in [SVMLightReader.ZeroBased.auto, base == 0 ? .yes : .no] {
        var reader = SVMLightReader()
        reader.zeroBased = zeroBased
        let read = try reader.read(["\(golden)/base-\(base).svm"], scratch)
        XCTAssertEqual(try NumericFixtures.dense(read), try expected())
        XCTAssertEqual(read.corpus.labels, [2, 0, 1, 1, 2, 0, 1])
        XCTAssertEqual(read.corpus.classNames, ["0", "1", "2"])
      }
    }
    var shifted = SVMLightReader()
    shifted.zeroBased = .yes
    let wider = try shifted.read(["\(golden)/base-1.svm"], scratch)
    XCTAssertEqual(try NumericFixtures.dense(wider), try expected().map { [0] + $0 })
  }

  func testLabelsOfSVMLight() throws {
    func labels(_ text: String) throws -> ([Int32], [String]) {
      let path = "\(folder)/t.svm"
      try WholeFile.write(Array(text.utf8), to: path)
      let corpus = try SVMLightReader().read([path], scratch).corpus
      return (corpus.labels, corpus.classNames)
    }
    let binary = try labels("+1 1:1\n-1 qid:7 2:1 # a comment\n\n# another\n1 \t1:1e-2\r\n")
    XCTAssertEqual(binary.0, [1, 0, 1])
    XCTAssertEqual(binary.1, ["-1", "1"])
    let several = try labels("3 1:1\n-1 1:1\n10 1:1\n2.5 1:1\n-0 1:1\n0\n")
    XCTAssertEqual(several.0, [2, -1, 3, 1, 0, 0])
    XCTAssertEqual(several.1, ["0", "2.5", "3", "10"])
  }

  func testMatrixMarket() throws {
    func read(_ name: String) throws -> [[Float]] {
      let documents = try MatrixMarketReader().read(["\(golden)/\(name)"], scratch)
      XCTAssert(try NumericFixtures.isSound(documents), name)
      return try NumericFixtures.dense(documents)
    }
    let x = try expected()
    for name in ["real.mtx", "real.mtx.gz", "array.mtx"] { XCTAssertEqual(try read(name), x, name) }
    XCTAssertEqual(try read("integer.mtx"), x.map { $0.map { $0 * 4 } })
    XCTAssertEqual(try read("pattern.mtx"), x.map { $0.map { $0 == 0 ? 0 : 1 } })
    let square = Array(x[..<6])
    for name in ["symmetric.mtx", "symmetric-array.mtx"] {
      XCTAssertEqual(try read(name), added(square, transposed(square), 1), name)
    }
    for name in ["skew.mtx", "skew-array.mtx"] {
      XCTAssertEqual(try read(name), added(square, transposed(square), -1), name)
    }
  }

  func testNPY() throws {
    let x = try expected()
    for name in ["f2", "f4", "f8", "f2-fortran", "f4-fortran", "f8-fortran"] {
      let read = try NPYMatrixReader().read(["\(golden)/dense-\(name).npy"], scratch)
      XCTAssertEqual(try NumericFixtures.dense(read), x, name)
    }
    let whole = try NPYMatrixReader().read(["\(golden)/dense-i4.npy"], scratch)
    XCTAssertEqual(try NumericFixtures.dense(whole), x.map { $0.map { $0 * 4 } })
    XCTAssertEqual(system("gzip -c '\(golden)/dense-f8.npy' > '\(folder)/x.npy.gz'"), 0)
    let joined = try NPYMatrixReader().read(
      ["\(folder)/x.npy.gz", "\(golden)/dense-f4-fortran.npy"], scratch)
    XCTAssertEqual(try NumericFixtures.dense(joined), x + x)
  }

  func testTranspositionOfMoreThanOneBlock() throws {
    let (n, d) = (100, 7)
    let rows = try Transposition.rows("", n, d, scratch, blockCount: 300) { column, rows, target in
      for (i, row) in rows.enumerated() { target[i] = Float(row * d + column) }
    }
    var row = [Float](repeating: 0, count: d)
    for i in [0, 41, 42, 99] {
      row.withUnsafeMutableBufferPointer { rows.read(i, into: $0) }
      XCTAssertEqual(row, (0..<d).map { Float(i * d + $0) })
    }
  }

  func testSTL10FeaturesAgainstNumpy() throws {
    let pictures = "\(golden)/stl10-pictures.bin.gz"
    let read = try STL10Reader().read([pictures], scratch)
    let reader = try NPYReader("\(golden)/stl10-features.npy")
    let values = try reader.floats(0..<reader.header.count)
    let ours = try NumericFixtures.dense(read)
    XCTAssertEqual(ours.count, 3)
    for (i, row) in ours.enumerated() {
      XCTAssertEqual(row.count, 1428)
      for j in row.indices {
        XCTAssertEqual(row[j], values[i * 1428 + j], accuracy: 2e-5, "picture \(i), feature \(j)")
      }
    }
    XCTAssertEqual(read.corpus.labels, [-1, -1, -1])
    let labels = "\(folder)/y.bin"
    try WholeFile.write([1, 10, 3], to: labels)
    let labelled = try STL10Reader().read([pictures, labels, pictures], scratch)
    XCTAssertEqual(labelled.corpus.labels, [0, 9, 2, -1, -1, -1])
    XCTAssertEqual(labelled.corpus.classNames.count, 10)
  }

  func testNumbersInText() {
    func real(_ text: String) -> Double? { Array(text.utf8).withUnsafeBytes(NumberText.real) }
    for text in [
      "0", "-0.5", "+3.", ".25", "1e-3", "1E+22", "123456789012345678901234567890", "1e-320",
      "0.1", "2.2250738585072014e-308", "9007199254740993", "179.76931348623157e306",
      "0.000000000000000000000000000000123",
    ] {
      XCTAssertEqual(real(text), Double(text), text)
    }
    for text in ["", "-", ".", "e5", "1e", "0x10", "1,5", "1 ", "1e5x", "nanx", "--1"] {
      XCTAssertNil(real(text), text)
    }
    XCTAssertEqual(real("nan")?.isNaN, true)
    XCTAssertEqual(real("-Infinity"), -.infinity)
    XCTAssertEqual(real("1e999999999"), .infinity)
  }

  // MARK: The dataset folder

  func testOrderLimitAndScaleOfBothLayouts() throws {
    let x = try expected()
    for (name, isSparse) in [("csr.npz", true), ("dense-f8-fortran.npy", false)] {
      for scale in [nil, 1, 0.5] {
        let writer = DatasetWriter(
          output: "\(folder)/data", replacing: true, order: .shuffled(seed: 1234), limit: 5,
          source: name)
        let path = "\(golden)/\(name)"
        var documents =
          isSparse
          ? try NPZReader().read([path], scratch) : try NPYMatrixReader().read([path], scratch)
        try documents.corpus.readLabels("\(golden)/labels.npy")
        let info = try writer.write(documents, scale: scale)
        let order = writer.order.documents(of: 7, limit: 5)
        let square = order.reduce(0.0) { $0 + x[$1].reduce(0) { $0 + Double($1 * $1) } }
        let factor = scale ?? (5 * 6 / square).squareRoot()
        XCTAssertEqual(info.emptySamples, order.contains(3) ? 1 : 0)
        XCTAssertEqual(info.scale!, factor, accuracy: 1e-12)
        let data = try DatasetFolder(opening: "\(folder)/data")
        try data.verify(checksums: [data.checksums(of: 0..<5)])
        XCTAssertEqual(data.info.layout, isSparse ? .csr : .dense)
        XCTAssertEqual(try data.ids(0..<5), order.map(String.init))
        XCTAssertEqual(try data.labels(0..<5), order.map { [2, 0, 1, 1, 2, 0, 1][$0] })
        _ = try data.shard(0..<5)
        let written = try NPYReader("\(folder)/data/\(isSparse ? "data" : "dense").npy")
        let values = try written.floats(0..<written.header.count)
        XCTAssertEqual(
          values,
          order.flatMap { x[$0] }.filter { !isSparse || $0 != 0 }
            .map { Float(Double($0) * factor) })
      }
    }
  }
}
