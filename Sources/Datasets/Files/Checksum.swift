import CZlib
import Glibc

/// zlib's CRC-32 of ranges of a file, and of their concatenation.
package enum Checksum {
  /// The checksum of `range` of the file at `path`.
  static func crc(of path: String, _ range: Range<Int>) throws -> UInt32 {
    let file = try File(reading: path)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buffer.deallocate() }
    var crc: UInt = 0
    var offset = range.lowerBound
    while offset < range.upperBound {
      let part = UnsafeMutableRawBufferPointer(
        rebasing: buffer[..<min(buffer.count, range.upperBound - offset)])
      let count = try file.read(into: part, at: offset)
      if count == 0 { break }
      crc = crc32(crc, part.baseAddress!.assumingMemoryBound(to: UInt8.self), UInt32(count))
      offset += count
    }
    return UInt32(crc)
  }

  /// The checksum of `bytes`.
  package static func crc(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes(crc) }

  /// The checksum of `bytes`.
  package static func crc(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    UInt32(crc32_z(0, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count))
  }

  /// The checksum of two byte sequences in a row, from theirs. `length` is that of the second.
  package static func combine(_ first: UInt32, _ second: UInt32, length: Int) -> UInt32 {
    UInt32(crc32_combine(UInt(first), UInt(second), length))
  }
}
