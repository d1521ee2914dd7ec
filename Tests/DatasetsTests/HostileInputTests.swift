import Diagnostics
import Foundation
import TestSupport
import XCTest

@testable import Datasets

/// Small files that hold far more than they seem to, and text that does more than be read.
final class HostileInputTests: FolderTestCase {
  private func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// Writes the bytes gzipped.
  private func writeGzipped(_ bytes: [UInt8], _ name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/gzip")
    process.arguments = [path(name)]
    try process.run()
    process.waitUntilExit()
    XCTAssertEqual(process.terminationStatus, 0)
  }

  func testALineWithoutAnEndIsRefused() throws {
    try writeGzipped([UInt8](repeating: 0x61, count: 10 << 20), "long.txt")
    let lines = LineReader(try GzipOrPlainReader(path("long.txt.gz")), limit: 4 << 20)
    XCTAssertThrowsError(try lines.next()) { error in
      XCTAssert("\(error)".contains("line 1: a line has more than 4 MiB"), "\(error)")
    }
    // From the middle of a file lines cannot be counted.
    try Data([UInt8](repeating: 0x61, count: 10 << 20)).write(
      to: URL(fileURLWithPath: path("plain.txt")))
    let rest = LineReader(
      try GzipOrPlainReader(path("plain.txt"), range: 100..<Int.max), isAtStart: false,
      limit: 4 << 20, base: 100)
    XCTAssertThrowsError(try rest.next()) { error in
      XCTAssert("\(error)".contains("byte 100: a line has more than 4 MiB"), "\(error)")
    }
    // One that is as long as allowed is read, whatever follows it.
    let rows = [UInt8](repeating: 0x61, count: 3 << 20) + [0x0a, 0x62]
    try writeGzipped(rows, "fits.txt")
    let fits = LineReader(try GzipOrPlainReader(path("fits.txt.gz")), limit: 4 << 20)
    XCTAssertEqual(try fits.next()?.count, 3 << 20)
    XCTAssertEqual(try fits.next()?.count, 1)
    XCTAssertNil(try fits.next())
  }

  /// The header names one picture of 28 x 28; 40 MB follow it, in 40 kB of gzip.
  func testPicturesBeyondTheirHeaderAreNotInflated() throws {
    let header: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 28]
    try writeGzipped(header + [UInt8](repeating: 0, count: 40 << 20), "pictures")
    XCTAssertThrowsError(try IDXReader().read([path("pictures.gz")], Scratch(beside: path("out"))))
    {
      error in
      // What was read ends with the first buffer that is too much.
      XCTAssert("\(error)".contains("where its header says 800"), "\(error)")
      XCTAssert("\(error)".contains("has 262144 bytes"), "\(error)")
    }
  }

  /// The directory names more bytes than deflate can have made of the member.
  func testAMemberThatCannotBeSoLargeIsRefused() throws {
    let zip = #"""
      import struct, zlib
      name, data = b"indices.npy", zlib.compress(b"x" * 1000)[2:-4]
      crc, size = zlib.crc32(b"x" * 1000), 1 << 30
      local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 8, 0, 0, crc, len(data), size, 11, 0) + name
      central = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 8, 0, 0, crc, len(data), size, 11,
                            0, 0, 0, 0, 0, 0) + name
      start = len(local) + len(data)
      end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, len(central), start, 0)
      open("x.npz", "wb").write(local + data + central + end)
      """#
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.arguments = ["python3", "-c", zip]
    try process.run()
    process.waitUntilExit()
    let scratch = Scratch(beside: path("out"))
    let archive = try ZIPArchive(WholeInput(path("x.npz"), scratch), scratch)
    XCTAssertThrowsError(try archive.contents(of: archive.members[0])) { error in
      XCTAssert("\(error)".contains("cannot hold a member of 1073741824"), "\(error)")
    }
  }

  func testWhatIsNoPlainTextBecomesBlanks() {
    let text = "a\u{9b}31mred\u{202e}txt.exe\u{2066}\u{2028}\u{1b}[0m\r\nb\u{7f}"
    XCTAssertEqual(PlainText.line(text), "a 31mred txt.exe   [0m  b ")
    // Scripts that are written from right to left, emoji with joiners and accents stay.
    for kept in ["שלום", "مرحبا\u{200f}", "👩‍👩‍👧", "e\u{301}", "日本"] {
      XCTAssertEqual(PlainText.line(kept), kept)
    }
    XCTAssertEqual(Failure.badInput("f\u{202e}", "x\u{85}y").message, "f : x y")
    var corpus = Corpus()
    corpus.append(id: "id\u{202e}\u{9b}", label: -1)
    XCTAssertEqual(corpus.ids, ["id  "])
  }
}
