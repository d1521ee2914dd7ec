import Datasets
import Diagnostics
import Glibc

/// Records one after the other: in memory up to a limit, then in a file.
///
/// Records lie in blocks, none across two, so that reading goes block by block.
final class RecordLog {
  static let blockBytes = 1 << 22

  private struct Block {
    var bytes: UnsafeMutablePointer<UInt8>?
    var offset: Int
    var count: Int
  }

  /// All bytes so far.
  private(set) var count = 0
  private let path: String
  private let memoryLimit: Int
  private var file: File?
  private var fileBytes = 0
  private var inMemory = 0
  private var blocks: [Block] = []
  private var current: UnsafeMutablePointer<UInt8>
  private var capacity = RecordLog.blockBytes
  private var used = 0

  /// - Parameter path: The file; made only when it is needed, and gone with the log.
  init(path: String, memoryLimit: Int) {
    self.path = path
    self.memoryLimit = memoryLimit
    current = .allocate(capacity: capacity)
  }

  deinit {
    for block in blocks { block.bytes?.deallocate() }
    current.deallocate()
  }

  /// Room for a record of up to `bytes`; `commit` says where it ended.
  @inline(__always)
  func room(_ bytes: Int) throws -> UnsafeMutablePointer<UInt8> {
    if used + bytes > capacity { try close(room: bytes) }
    return current + used
  }

  @inline(__always)
  func commit(upTo end: UnsafeMutablePointer<UInt8>) {
    count += end - (current + used)
    used = end - current
  }

  private func close(room: Int) throws {
    if used > 0 {
      if inMemory + capacity <= memoryLimit {
        inMemory += capacity
        blocks.append(Block(bytes: current, offset: 0, count: used))
        current = .allocate(capacity: max(Self.blockBytes, room))
        capacity = max(Self.blockBytes, room)
      } else {
        if file == nil {
          file = try File(writing: path, truncating: true)
          // Nobody else reads it, and nothing is left of it however this process ends.
          unlink(path)
        }
        try file!.write(UnsafeRawBufferPointer(start: current, count: used), at: fileBytes)
        blocks.append(Block(bytes: nil, offset: fileBytes, count: used))
        fileBytes += used
      }
      used = 0
    }
    if room > capacity {
      current.deallocate()
      capacity = room
      current = .allocate(capacity: capacity)
    }
  }

  /// Calls `body` with each block in order; it holds whole records.
  func forEachBlock(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    var buffer: [UInt8] = []
    for block in blocks {
      if let bytes = block.bytes {
        try body(UnsafeRawBufferPointer(start: bytes, count: block.count))
        continue
      }
      if buffer.count < block.count { buffer = [UInt8](repeating: 0, count: block.count) }
      try buffer.withUnsafeMutableBytes {
        let part = UnsafeMutableRawBufferPointer(rebasing: $0[..<block.count])
        guard try file!.read(into: part, at: block.offset) == block.count else {
          throw Failure.io(path, "a temporary file was cut short")
        }
        try body(UnsafeRawBufferPointer(part))
      }
    }
    try body(UnsafeRawBufferPointer(start: current, count: used))
  }
}

/// Writes numbers where there is room.
extension UnsafeMutablePointer<UInt8> {
  /// Most bytes of a number.
  static var longest: Int { 10 }

  @inline(__always)
  mutating func put(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      pointee = UInt8(truncatingIfNeeded: rest) | 0x80
      self += 1
      rest >>= 7
    }
    pointee = UInt8(truncatingIfNeeded: rest)
    self += 1
  }

  @inline(__always)
  mutating func put(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress else { return }
    memcpy(self, source, bytes.count)
    self += bytes.count
  }
}

/// Reads back what this job wrote; it trusts the bytes.
extension UnsafePointer<UInt8> {
  @inline(__always)
  mutating func varint() -> UInt64 {
    var byte = pointee
    self += 1
    if byte < 0x80 { return UInt64(byte) }
    var value = UInt64(byte & 0x7f)
    var shift: UInt64 = 7
    while true {
      byte = pointee
      self += 1
      value |= UInt64(byte & 0x7f) &<< shift
      if byte < 0x80 { return value }
      shift += 7
    }
  }

  @inline(__always)
  mutating func bytes(_ count: Int) -> UnsafeRawBufferPointer {
    defer { self += count }
    return UnsafeRawBufferPointer(start: self, count: count)
  }
}
