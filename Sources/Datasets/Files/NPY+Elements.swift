/// Conversion of elements of any type to Int and Float.
extension NPY {
  /// Element `i` of an integer array; numbers beyond Int become the largest Int.
  @inline(__always)
  static func integer(_ i: Int, of bytes: UnsafeRawBufferPointer, _ type: ElementType) -> Int {
    @inline(__always) func load<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type) -> Int {
      Int(clamping: bytes.loadUnaligned(fromByteOffset: i * MemoryLayout<T>.size, as: T.self))
    }
    switch type {
    case .int64: return load(Int64.self)
    case .int32: return load(Int32.self)
    case .int16: return load(Int16.self)
    case .int8: return load(Int8.self)
    case .uint64: return load(UInt64.self)
    case .uint32: return load(UInt32.self)
    case .uint16: return load(UInt16.self)
    case .uint8: return load(UInt8.self)
    case .bool: return bytes[i] == 0 ? 0 : 1
    case .float16, .float32, .float64: preconditionFailure("\(type) is no integer")
    }
  }

  /// Fills `row` with the elements from `first` on, in file order.
  static func floats(
    from first: Int, of bytes: UnsafeRawBufferPointer, _ type: ElementType,
    into row: UnsafeMutableBufferPointer<Float>
  ) {
    func load<T: BitwiseCopyable>(_: T.Type, _ convert: (T) -> Float) {
      let size = MemoryLayout<T>.size
      for i in 0..<row.count {
        row[i] = convert(bytes.loadUnaligned(fromByteOffset: (first + i) * size, as: T.self))
      }
    }
    switch type {
    case .float32:
      UnsafeMutableRawBufferPointer(row).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: bytes[first * 4..<(first + row.count) * 4]))
    case .float64: load(Double.self) { Float($0) }
    case .float16: load(UInt16.self) { halves[Int($0)] }
    case .int8: load(Int8.self) { Float($0) }
    case .int16: load(Int16.self) { Float($0) }
    case .int32: load(Int32.self) { Float($0) }
    case .int64: load(Int64.self) { Float($0) }
    case .uint8: load(UInt8.self) { Float($0) }
    case .uint16: load(UInt16.self) { Float($0) }
    case .uint32: load(UInt32.self) { Float($0) }
    case .uint64: load(UInt64.self) { Float($0) }
    case .bool: load(UInt8.self) { $0 == 0 ? 0 : 1 }
    }
  }

  /// The value of each float16, indexed by its bits.
  private static let halves = (0...UInt16.max).map(float(half:))

  /// The value of a number in IEEE half precision. Swift's Float16 is missing on some platforms.
  private static func float(half bits: UInt16) -> Float {
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
