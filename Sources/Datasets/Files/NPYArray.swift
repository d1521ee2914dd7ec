import Diagnostics

/// The elements of a `.npy` file that lies in memory or in a map, of any supported type.
struct NPYArray {
  let header: NPY.Header
  /// For messages.
  let path: String
  /// The elements alone.
  private let bytes: UnsafeRawBufferPointer
  private let owner: AnyObject

  /// - Parameter owner: What keeps `file`, all bytes of the `.npy` file, in memory.
  init(_ file: UnsafeRawBufferPointer, owner: AnyObject, path: String) throws {
    self.path = path
    self.owner = owner
    header = try NPY.parseHeader(file, path: path)
    let expected = header.dataOffset + header.dataBytes
    guard file.count == expected else {
      throw Failure.badInput(
        path, at: "byte \(min(file.count, expected))",
        "has \(file.count) bytes where its header says \(expected)",
        hint: "the file is cut short or damaged")
    }
    bytes = UnsafeRawBufferPointer(rebasing: file[header.dataOffset...])
  }

  init(_ path: String, _ scratch: Scratch) throws {
    let input = try WholeInput(path, scratch)
    try self.init(input.bytes, owner: input, path: path)
  }

  var count: Int { header.count }

  var isInteger: Bool { [.int32, .int64, .uint8].contains(header.type) }

  /// An element of an integer array.
  @inline(__always)
  func integer(_ i: Int) -> Int {
    switch header.type {
    case .int64: Int(bytes.loadUnaligned(fromByteOffset: i * 8, as: Int64.self))
    case .int32: Int(bytes.loadUnaligned(fromByteOffset: i * 4, as: Int32.self))
    case .uint8: Int(bytes[i])
    default: preconditionFailure("\(header.type) is no integer")
    }
  }

  /// The elements from `first` on, in file order, as many as `row` holds.
  func floats(from first: Int, into row: UnsafeMutableBufferPointer<Float>) {
    func load<T: BitwiseCopyable>(_: T.Type, _ convert: (T) -> Float) {
      let size = MemoryLayout<T>.size
      for i in 0..<row.count {
        row[i] = convert(bytes.loadUnaligned(fromByteOffset: (first + i) * size, as: T.self))
      }
    }
    switch header.type {
    case .float32:
      UnsafeMutableRawBufferPointer(row).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: bytes[first * 4..<(first + row.count) * 4]))
    case .float64: load(Double.self) { Float($0) }
    case .float16: load(UInt16.self) { Self.halves[Int($0)] }
    case .int32: load(Int32.self) { Float($0) }
    case .int64: load(Int64.self) { Float($0) }
    case .uint8: load(UInt8.self) { Float($0) }
    }
  }

  /// Every float16, by its bits.
  private static let halves = (0...UInt16.max).map(NPYReader.float(half:))
}
