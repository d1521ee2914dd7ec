/// Writes a file from a given offset on, in large pieces. `flush` at the end.
final class BufferedWriter {
  private let file: File
  private var buffer: [UInt8] = []
  private var start: Int
  private static let capacity = 1 << 20

  init(_ file: File, at offset: Int = 0) {
    self.file = file
    start = offset
    buffer.reserveCapacity(Self.capacity + 4096)
  }

  convenience init(path: String) throws {
    self.init(try File(writing: path, truncating: true))
  }

  /// Where the next byte goes.
  var offset: Int { start + buffer.count }

  func append(_ bytes: UnsafeRawBufferPointer) throws {
    if buffer.count + bytes.count > Self.capacity { try flush() }
    if bytes.count > Self.capacity {
      try file.write(bytes, at: start)
      start += bytes.count
    } else {
      buffer.append(contentsOf: bytes)
    }
  }

  func append(_ byte: UInt8) throws {
    if buffer.count == Self.capacity { try flush() }
    buffer.append(byte)
  }

  /// Seven bits a byte, lowest first; the top bit says that more follow.
  func append(varint value: UInt64) throws {
    if buffer.count + 10 > Self.capacity { try flush() }
    buffer.append(varint: value)
  }

  func append<T: BitwiseCopyable>(_ values: [T]) throws {
    try values.withUnsafeBytes { try append($0) }
  }

  func flush() throws {
    try buffer.withUnsafeBytes { try file.write($0, at: start) }
    start += buffer.count
    buffer.removeAll(keepingCapacity: true)
  }
}

extension [UInt8] {
  mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }

  /// A length, then the bytes.
  mutating func append(counted bytes: UnsafeRawBufferPointer) {
    append(varint: UInt64(bytes.count))
    append(contentsOf: bytes)
  }

  mutating func append(counted text: String) {
    var text = text
    text.withUTF8 { append(counted: UnsafeRawBufferPointer($0)) }
  }
}

/// Reads what `BufferedWriter` and `[UInt8]` wrote, from memory of this very job: it trusts them.
struct ByteCursor {
  private let bytes: UnsafeRawBufferPointer
  private(set) var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var isAtEnd: Bool { position >= bytes.count }

  @inline(__always)
  mutating func varint() -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7f) &<< shift
      if byte < 0x80 { return value }
      shift += 7
    }
  }

  mutating func counted() -> UnsafeRawBufferPointer {
    let count = Int(varint())
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
  }

  mutating func text() -> String { String(decoding: counted(), as: UTF8.self) }
}
