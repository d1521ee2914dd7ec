/// Writes a file sequentially from a given offset, in large blocks. Call `flush` at the end.
package final class BufferedWriter {
  private let file: File
  private var buffer: [UInt8] = []
  private var start: Int
  private static let capacity = 1 << 20

  package init(_ file: File, at offset: Int = 0) {
    self.file = file
    start = offset
    buffer.reserveCapacity(Self.capacity + 4096)
  }

  package convenience init(path: String) throws {
    self.init(try File(writing: path, truncating: true))
  }

  /// The offset in the file of the next byte.
  package var offset: Int { start + buffer.count }

  package func append(_ bytes: UnsafeRawBufferPointer) throws {
    if buffer.count + bytes.count > Self.capacity { try flush() }
    if bytes.count > Self.capacity {
      try file.write(bytes, at: start)
      start += bytes.count
    } else {
      buffer.append(contentsOf: bytes)
    }
  }

  package func append(_ byte: UInt8) throws {
    if buffer.count == Self.capacity { try flush() }
    buffer.append(byte)
  }

  package func append<T: BitwiseCopyable>(_ values: [T]) throws {
    try values.withUnsafeBytes { try append($0) }
  }

  package func flush() throws {
    try buffer.withUnsafeBytes { try file.write($0, at: start) }
    start += buffer.count
    buffer.removeAll(keepingCapacity: true)
  }
}
