import Diagnostics

/// A `.npy` file: its header, and parts of its elements on demand.
public struct NPYReader: Sendable {
  public let path: String
  public let header: NPY.Header

  /// Reads the header, and checks that the elements are all there.
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

  /// Elements `range` in file order, mapped.
  func map(_ range: Range<Int>) throws -> MappedFile {
    let start = header.dataOffset + range.lowerBound * header.type.bytes
    return try MappedFile(path, start..<start + range.count * header.type.bytes)
  }

  /// Elements `range` in file order, as `T`, whose size must be the file's.
  public func elements<T: BitwiseCopyable>(_ range: Range<Int>, as _: T.Type) throws -> [T] {
    precondition(MemoryLayout<T>.size == header.type.bytes, "\(T.self) is no \(header.type)")
    let mapped = try map(range)
    return [T](unsafeUninitializedCapacity: range.count) { buffer, count in
      UnsafeMutableRawBufferPointer(buffer).copyMemory(from: mapped.bytes)
      count = range.count
    }
  }

  /// Elements `range` in file order as Float, from any element type.
  public func floats(_ range: Range<Int>) throws -> [Float] {
    let mapped = try map(range)
    let bytes = mapped.bytes
    defer { withExtendedLifetime(mapped) {} }
    func load<T: BitwiseCopyable>(_: T.Type, _ convert: (T) -> Float) -> [Float] {
      let size = MemoryLayout<T>.size
      return range.indices.enumerated().map {
        convert(bytes.loadUnaligned(fromByteOffset: $0.offset * size, as: T.self))
      }
    }
    switch header.type {
    case .float32: return load(Float.self) { $0 }
    case .float64: return load(Double.self) { Float($0) }
    case .float16: return load(UInt16.self, Self.float(half:))
    case .int32: return load(Int32.self) { Float($0) }
    case .int64: return load(Int64.self) { Float($0) }
    case .uint8: return load(UInt8.self) { Float($0) }
    }
  }

  /// IEEE half precision; Swift's Float16 is missing on some platforms.
  static func float(half bits: UInt16) -> Float {
    let sign: Float = bits & 0x8000 == 0 ? 1 : -1
    let exponent = Int(bits >> 10 & 0x1f)
    let fraction = Float(bits & 0x3ff)
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default:
      return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
    }
  }
}
