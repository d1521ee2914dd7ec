import Diagnostics

/// Reads a `.npy` file: the header at once, ranges of the elements on demand.
public struct NPYReader: Sendable {
  public let path: String
  public let header: NPY.Header

  /// Reads the header, and checks the size of the file.
  public init(_ path: String) throws {
    self.path = path
    let file = try File(reading: path)
    let size = try file.size
    // Version 1 headers end within 64 KiB; longer ones name more dimensions than we read.
    var start = [UInt8](repeating: 0, count: min(size, 1 << 17))
    _ = try start.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
    header = try start.withUnsafeBytes { try NPY.parseHeader($0, path: path) }
    guard header.dataOffset + header.dataBytes == size else {
      throw Failure.badInput(
        path, "has \(size) bytes where its header says \(header.dataOffset + header.dataBytes)",
        hint: "the file is cut short or damaged")
    }
  }

  /// The elements of `range` in file order, mapped.
  func map(_ range: Range<Int>) throws -> MappedFile {
    let start = header.dataOffset + range.lowerBound * header.type.bytes
    return try MappedFile(path, start..<start + range.count * header.type.bytes)
  }

  /// The elements of `range` in file order as `T`, which must have the size of the file's elements.
  public func elements<T: BitwiseCopyable>(_ range: Range<Int>, as _: T.Type) throws -> [T] {
    precondition(MemoryLayout<T>.size == header.type.bytes, "\(T.self) is no \(header.type)")
    let mapped = try map(range)
    return [T](unsafeUninitializedCapacity: range.count) { buffer, count in
      UnsafeMutableRawBufferPointer(buffer).copyMemory(from: mapped.bytes)
      count = range.count
    }
  }

  /// The elements of `range` in file order, converted to Float from any type.
  public func floats(_ range: Range<Int>) throws -> [Float] {
    let mapped = try map(range)
    defer { withExtendedLifetime(mapped) {} }
    return [Float](unsafeUninitializedCapacity: range.count) { buffer, count in
      let row = UnsafeMutableBufferPointer(rebasing: buffer[..<range.count])
      NPY.floats(from: 0, of: mapped.bytes, header.type, into: row)
      count = range.count
    }
  }

  /// The elements of `range` of an integer array in file order; numbers beyond Int become the
  /// largest Int.
  public func integers(_ range: Range<Int>) throws -> [Int] {
    let mapped = try map(range)
    defer { withExtendedLifetime(mapped) {} }
    return (0..<range.count).map { NPY.integer($0, of: mapped.bytes, header.type) }
  }
}
