extension [UInt8] {
  /// Seven bits a byte, lowest first; the top bit says that more follow.
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
}

/// Reads what `[UInt8]` packed, from memory of this very job: it trusts them.
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
}
