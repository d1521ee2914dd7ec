import CZlib
import Diagnostics

/// A ZIP file, read by its central directory. Members may be stored or deflated, with the sizes of
/// ZIP64. The sizes in local headers are ignored: numpy writes 0xFFFFFFFF there.
struct ZIPArchive {
  struct Member {
    var name: String
    var method: Int
    var crc: UInt32
    var packedBytes: Int
    var bytes: Int
    /// The offset of its local header.
    var offset: Int
    var isEncrypted: Bool
  }

  let members: [Member]
  private let input: WholeInput
  private let scratch: Scratch

  init(_ input: WholeInput, _ scratch: Scratch) throws {
    self.input = input
    self.scratch = scratch
    let (count, start) = try Self.directory(input)
    let reader = Reader(input)
    var members: [Member] = []
    var at = start
    for _ in 0..<count {
      let (member, next) = try Self.member(reader, at)
      members.append(member)
      at = next
    }
    self.members = members
  }

  /// Reads numbers at an offset; nil past the end of the file.
  private struct Reader {
    let input: WholeInput
    init(_ input: WholeInput) { self.input = input }

    func bad(_ offset: Int, _ found: String) -> Failure {
      .badInput(
        input.path, at: "byte \(offset)", found,
        hint: "is it a .npz file that scipy.sparse.save_npz wrote?")
    }

    func bytes(_ range: Range<Int>) throws -> UnsafeRawBufferPointer {
      guard range.lowerBound >= 0, range.upperBound <= input.bytes.count else {
        throw bad(min(max(0, range.lowerBound), input.bytes.count), "the ZIP file ends early")
      }
      return UnsafeRawBufferPointer(rebasing: input.bytes[range])
    }

    func u16(_ at: Int) throws -> Int {
      Int(try bytes(at..<at + 2).loadUnaligned(as: UInt16.self))
    }

    func u32(_ at: Int) throws -> Int {
      Int(try bytes(at..<at + 4).loadUnaligned(as: UInt32.self))
    }

    /// Reads a size or an offset. More than 2^48 means a damaged file.
    func u64(_ at: Int) throws -> Int {
      let value = try bytes(at..<at + 8).loadUnaligned(as: UInt64.self)
      guard value < 1 << 48 else { throw bad(at, "the ZIP file names a size beyond all bounds") }
      return Int(value)
    }
  }

  /// The number of members, and the offset of the central directory.
  private static func directory(_ input: WholeInput) throws -> (count: Int, start: Int) {
    let reader = Reader(input)
    let size = input.bytes.count
    // The end record: 22 bytes, then a comment of at most 65,535.
    var end = size - 22
    while end >= max(0, size - 22 - 65_535) {
      if try reader.u32(end) == 0x0605_4b50, try reader.u16(end + 20) == size - end - 22 { break }
      end -= 1
    }
    guard end >= max(0, size - 22 - 65_535) else {
      throw reader.bad(size, "there is no end of a ZIP file")
    }
    var count = try reader.u16(end + 10)
    var start = try reader.u32(end + 16)
    if end >= 20, try reader.u32(end - 20) == 0x0706_4b50 {
      let record = try reader.u64(end - 12)
      guard try reader.u32(record) == 0x0606_4b50 else {
        throw reader.bad(record, "there is no ZIP64 end record")
      }
      count = try reader.u64(record + 32)
      start = try reader.u64(record + 48)
    }
    guard start <= end, count <= (end - start) / 46 else {
      throw reader.bad(end, "the ZIP file names \(count) members, more than it can hold")
    }
    return (count, start)
  }

  private static func member(_ reader: Reader, _ at: Int) throws -> (Member, next: Int) {
    guard try reader.u32(at) == 0x0201_4b50 else {
      throw reader.bad(at, "there is no member of a ZIP file")
    }
    let nameBytes = try reader.u16(at + 28)
    let extraBytes = try reader.u16(at + 30)
    let name = try reader.bytes(at + 46..<at + 46 + nameBytes)
    var member = Member(
      name: String(decoding: name, as: UTF8.self), method: try reader.u16(at + 10),
      crc: UInt32(try reader.u32(at + 16)), packedBytes: try reader.u32(at + 20),
      bytes: try reader.u32(at + 24), offset: try reader.u32(at + 42),
      isEncrypted: try reader.u16(at + 8) & 1 == 1)
    // In ZIP64, a field of all ones has its value among the extra fields, in this order.
    var field = at + 46 + nameBytes
    let extraEnd = field + extraBytes
    while field + 4 <= extraEnd {
      let (id, length) = (try reader.u16(field), try reader.u16(field + 2))
      if id == 1 {
        var value = field + 4
        for path in [\Member.bytes, \Member.packedBytes, \Member.offset] as [WritableKeyPath]
        where member[keyPath: path] == 0xffff_ffff {
          guard value + 8 <= min(extraEnd, field + 4 + length) else {
            throw reader.bad(field, "the ZIP64 sizes are missing")
          }
          member[keyPath: path] = try reader.u64(value)
          value += 8
        }
      }
      field += 4 + length
    }
    let commentBytes = try reader.u16(at + 32)
    return (member, extraEnd + commentBytes)
  }

  /// The bytes of `member`, whose checksum has been verified, and the object that the caller must
  /// keep while using them.
  func contents(of member: Member) throws -> (bytes: UnsafeRawBufferPointer, owner: AnyObject) {
    let reader = Reader(input)
    guard !member.isEncrypted else { throw reader.bad(member.offset, "the member is encrypted") }
    guard try reader.u32(member.offset) == 0x0403_4b50 else {
      throw reader.bad(member.offset, "there is no member of a ZIP file")
    }
    let skipped = try reader.u16(member.offset + 26) + reader.u16(member.offset + 28)
    let start = member.offset + 30 + skipped
    let packed = try reader.bytes(start..<start + member.packedBytes)
    var contents = packed
    var owner: AnyObject = input
    switch member.method {
    case 0:
      guard member.bytes == packed.count else {
        throw reader.bad(start, "a stored member has \(packed.count) bytes, not \(member.bytes)")
      }
    case 8:
      // Deflate makes at most 1,032 bytes of one.
      guard member.bytes <= 1032 * (packed.count + 1) else {
        throw reader.bad(start, "\(packed.count) bytes cannot hold a member of \(member.bytes)")
      }
      let spill = try inflated(packed, at: start, into: member.bytes)
      (contents, owner) = (UnsafeRawBufferPointer(try spill.elements()), spill)
    default:
      throw reader.bad(
        member.offset, "the member is packed by method \(member.method), not stored or deflated")
    }
    var crc: UInt = 0
    var rest = contents
    while !rest.isEmpty {
      let part = min(rest.count, 1 << 30)
      crc = crc32(crc, rest.baseAddress!.assumingMemoryBound(to: UInt8.self), UInt32(part))
      rest = UnsafeRawBufferPointer(rebasing: rest[part...])
    }
    guard UInt32(crc) == member.crc else {
      throw reader.bad(start, "the member's checksum is wrong")
    }
    return (contents, owner)
  }

  /// Decompresses raw deflate data, without a header.
  private func inflated(
    _ packed: UnsafeRawBufferPointer, at start: Int, into size: Int
  ) throws -> SpilledArray<UInt8> {
    let reader = Reader(input)
    let spill = try SpilledArray<UInt8>(scratch)
    var stream = z_stream()
    let started = inflateInit2_(
      &stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard started == Z_OK else { throw Failure.io(input.path, "zlib cannot start") }
    defer { inflateEnd(&stream) }
    let output = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 1 << 18)
    defer { output.deallocate() }
    var fed = 0
    while true {
      let part = min(packed.count - fed, 1 << 30)
      if part > 0 {
        stream.next_in = UnsafeMutablePointer(
          mutating: (packed.baseAddress! + fed).assumingMemoryBound(to: UInt8.self))
      }
      stream.avail_in = UInt32(part)
      stream.next_out = output.baseAddress
      stream.avail_out = UInt32(output.count)
      let code = inflate(&stream, Z_NO_FLUSH)
      let made = output.count - Int(stream.avail_out)
      let used = part - Int(stream.avail_in)
      fed += used
      guard code == Z_OK || code == Z_STREAM_END, spill.count + made <= size,
        made > 0 || used > 0 || code == Z_STREAM_END
      else { throw reader.bad(start + fed, "the deflated member is damaged") }
      try spill.append(UnsafeBufferPointer(rebasing: output[..<made]))
      if code == Z_STREAM_END { break }
    }
    guard spill.count == size else {
      throw reader.bad(start, "a member has \(spill.count) bytes, not \(size)")
    }
    return spill
  }
}
