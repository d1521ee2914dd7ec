import Diagnostics
import Glibc
import TestSupport
import XCTest

@testable import Datasets

/// Matrices and pictures as other programs write them.
final class NumericInputTests: FolderTestCase {
  private var scratch: Scratch { Scratch(beside: "\(folder)/data") }

  private func array<T: BitwiseCopyable>(
    _ type: NPY.ElementType, _ values: [T], shape: [Int]
  ) throws -> String {
    let bytes = values.withUnsafeBytes { Array($0) }
    return try file("a.npy", NPY.header(shape: shape, type: type) + bytes)
  }

  /// The file's values by each of the three ways to read them.
  private func check<T: BitwiseCopyable>(
    _ type: NPY.ElementType, _ values: [T], _ floats: [Float], _ integers: [Int]?
  ) throws {
    let path = try array(type, values, shape: [2, 2])
    let read = try NPYMatrixReader().read([path], scratch)
    XCTAssertEqual(try NumericFixtures.dense(read).flatMap { $0 }, floats, "\(type)")
    let reader = try NPYReader(path)
    XCTAssertEqual(try reader.floats(1..<4), Array(floats[1...]), "\(type)")
    XCTAssertEqual(reader.header.type.isInteger, integers != nil)
    if let integers {
      XCTAssertEqual(try reader.integers(1..<4), Array(integers[1...]), "\(type)")
    }
  }

  func testEveryIntegerType() throws {
    try check(.int8, [Int8.min, -1, 0, .max], [-128, -1, 0, 127], [-128, -1, 0, 127])
    try check(.int16, [Int16.min, -1, 0, .max], [-32768, -1, 0, 32767], [-32768, -1, 0, 32767])
    try check(.uint8, [UInt8.max, 1, 0, 7], [255, 1, 0, 7], [255, 1, 0, 7])
    try check(.uint16, [UInt16.max, 1, 0, 7], [65535, 1, 0, 7], [65535, 1, 0, 7])
    try check(.uint32, [UInt32(1) << 31, 1, 0, 7], [0x1p31, 1, 0, 7], [1 << 31, 1, 0, 7])
    try check(.uint64, [UInt64(1) << 63, 1, 0, 7], [0x1p63, 1, 0, 7], [.max, 1, 0, 7])
    try check(.bool, [UInt8(1), 0, 0, 1], [1, 0, 0, 1], [1, 0, 0, 1])
    try check(.float64, [0.5, 1, 0, 7], [0.5, 1, 0, 7], nil)
  }

  func testOtherSpellingsOfByteTypes() throws {
    for (descr, type) in [("i1", NPY.ElementType.int8), ("<u1", .uint8), ("|b1", .bool)] {
      let header = NPY.header(shape: [1], type: .uint8)
      let text = String(decoding: header[10...], as: UTF8.self)
      let other = text.replacingFirst("|u1", descr)
      let length = other.utf8.count
      let bytes =
        Array(header[..<8]) + [UInt8(length & 0xff), UInt8(length >> 8)] + Array(other.utf8)
      XCTAssertEqual(try NPYReader(try file("a.npy", bytes + [1])).header.type, type)
    }
  }

  func testWhatIsNoMatrixOfNumbers() throws {
    for (descr, parts) in [
      ("|O", ["object array", "scipy.sparse.save_npz"]),
      (">f4", ["\">f4\"", "little-endian", "\"<f4\""]), ("<c8", ["\"<c8\""]),
    ] {
      let text = "{'descr': '\(descr)', 'fortran_order': False, 'shape': (1,), }\n"
      let bytes = NPY.magic + [1, 0, UInt8(text.utf8.count), 0] + Array(text.utf8) + [0, 0, 0, 0]
      let path = try file("a.npy", bytes)
      XCTAssertThrowsError(try NPYMatrixReader().read([path], scratch)) { error in
        XCTAssertEqual((error as? Failure)?.exitCode, 65)
        for part in parts { XCTAssert("\(error)".contains(part), "\(error)") }
      }
    }
  }

  func testPicturesWithoutLabels() throws {
    let pictures: [UInt8] = [
      0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 10, 0, 30, 40,
    ]
    let p = try file("p", pictures)
    let l = try file("l", [0, 0, 8, 1, 0, 0, 0, 2, 1, 0])
    var read = try IDXReader().read([p], scratch)
    XCTAssertEqual(read.corpus.labels, [-1, -1])
    XCTAssertEqual(read.corpus.classNames, [])
    try read.corpus.readLabels(try file("labels.txt", Array("a\nb\n".utf8)))
    XCTAssertEqual(read.corpus.labels, [0, 1])
    let mixed = try IDXReader().read([p, p, l, p], scratch)
    XCTAssertEqual(mixed.corpus.labels, [-1, -1, 1, 0, -1, -1])
    XCTAssertEqual(mixed.corpus.classNames, ["0", "1"])
    for files in [[l], [l, p], [p, l, l]] {
      XCTAssertThrowsError(try IDXReader().read(files, scratch)) { error in
        XCTAssertEqual((error as? Failure)?.exitCode, 65)
        XCTAssert("\(error)".contains("magic number 0 0 8 1"), "\(error)")
      }
    }
  }
}

extension String {
  fileprivate func replacingFirst(_ old: String, _ new: String) -> String {
    guard let range = self.firstRange(of: old) else { return self }
    return String(self[..<range.lowerBound]) + new + String(self[range.upperBound...])
  }
}
