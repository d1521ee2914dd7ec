import Diagnostics
import FoundationEssentials

/// A `.safetensors` file: named Float tensors and text, readable by Python's safetensors. Values of
/// F16, BF16 and F64 are converted to Float; tensors of other types are left out.
public struct Safetensors: Equatable, Sendable {
  public struct Tensor: Equatable, Sendable {
    public var shape: [Int]
    /// Row-major.
    public var values: [Float]

    public init(shape: [Int], values: [Float]) {
      precondition(shape.reduce(1, *) == values.count)
      self.shape = shape
      self.values = values
    }
  }

  public var tensors: [String: Tensor] = [:]
  /// The types of tensors that hold no floating-point numbers, by name. Their values are not read.
  public private(set) var otherTypes: [String: String] = [:]
  public var metadata: [String: String] = [:]

  public init() {}

  private struct Entry: Codable {
    var dtype: String
    var shape: [Int]
    var data_offsets: [Int]

    /// Where the values lie among the `available` bytes behind the header; nil where shape, offsets
    /// and file do not fit each other. The numbers are the file's: none may overflow.
    func bytes(width: Int, available: Int) -> Range<Int>? {
      guard data_offsets.count == 2, data_offsets[0] >= 0, data_offsets[0] <= data_offsets[1],
        data_offsets[1] <= available, shape.allSatisfy({ $0 >= 0 })
      else { return nil }
      var size = width
      for count in shape {
        let (product, overflow) = size.multipliedReportingOverflow(by: count)
        guard !overflow else { return nil }
        size = product
      }
      return size == data_offsets[1] - data_offsets[0] ? data_offsets[0]..<data_offsets[1] : nil
    }
  }

  /// The file's bytes; tensors in the order of their names.
  public var bytes: [UInt8] {
    var result = Self.header(of: tensors.mapValues(\.shape), metadata: metadata)
    result.reserveCapacity(result.count + 4 * tensors.values.reduce(0) { $0 + $1.values.count })
    for (_, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
      tensor.values.withUnsafeBytes { result += $0 }
    }
    return result
  }

  /// The bytes before the values of the first tensor: what a file of such tensors begins with.
  public static func header(of shapes: [String: [Int]], metadata: [String: String]) -> [UInt8] {
    var offset = 0
    var parts: [String] = []
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    func json(_ value: some Encodable) -> String {
      // Strings and integers always encode.
      String(decoding: try! encoder.encode(value), as: UTF8.self)
    }
    if !metadata.isEmpty { parts.append("\"__metadata__\":" + json(metadata)) }
    for (name, shape) in shapes.sorted(by: { $0.key < $1.key }) {
      let end = offset + 4 * shape.reduce(1, *)
      parts.append(
        json(name) + ":"
          + json(Entry(dtype: "F32", shape: shape, data_offsets: [offset, end])))
      offset = end
    }
    var header = Array("{\(parts.joined(separator: ","))}".utf8)
    header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
    return withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) } + header
  }

  /// Reads a file's bytes.
  ///
  /// - Parameter path: For messages.
  /// - Throws: `Failure.badInput` where they are no safetensors file.
  public init(_ bytes: [UInt8], path: String) throws {
    func bad(_ found: String) -> Failure {
      .badInput(path, found, hint: "name a run folder or a .safetensors file that dec wrote")
    }
    guard bytes.count >= 8 else { throw bad("has \(bytes.count) bytes: no safetensors file") }
    let length = bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
    guard length <= UInt64(bytes.count - 8), length <= 100_000_000 else {
      throw bad("is no safetensors file, or is cut short")
    }
    let start = 8 + Int(length)
    let header: [String: Header]
    do {
      header = try JSONDecoder().decode([String: Header].self, from: Data(bytes[8..<start]))
    } catch {
      throw bad("has a header that is no safetensors JSON")
    }
    for (name, value) in header {
      switch value {
      case .metadata(let text): metadata = text
      case .tensor(let entry):
        guard let width = Self.widths[entry.dtype] else {
          otherTypes[name] = entry.dtype
          continue
        }
        guard let range = entry.bytes(width: width, available: bytes.count - start) else {
          throw bad("\(name) does not lie inside the file; is it cut short?")
        }
        let values = bytes.withUnsafeBytes {
          Self.floats(
            UnsafeRawBufferPointer(
              rebasing: $0[start + range.lowerBound..<start + range.upperBound]),
            entry.dtype)
        }
        tensors[name] = Tensor(shape: entry.shape, values: values)
      }
    }
  }

  /// The bytes of an element of each type that is read.
  private static let widths = ["F16": 2, "BF16": 2, "F32": 4, "F64": 8]

  private static func floats(_ bytes: UnsafeRawBufferPointer, _ type: String) -> [Float] {
    func load<T: BitwiseCopyable>(_: T.Type, _ convert: (T) -> Float) -> [Float] {
      let width = MemoryLayout<T>.size
      return (0..<bytes.count / width).map {
        convert(bytes.loadUnaligned(fromByteOffset: $0 * width, as: T.self))
      }
    }
    return switch type {
    case "F16": load(Float16.self) { Float($0) }
    case "BF16": load(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
    case "F64": load(Double.self) { Float($0) }
    default: load(Float.self) { $0 }
    }
  }

  private enum Header: Decodable {
    case metadata([String: String])
    case tensor(Entry)

    init(from decoder: any Decoder) throws {
      if let entry = try? Entry(from: decoder) {
        self = .tensor(entry)
      } else {
        self = .metadata(try [String: String](from: decoder))
      }
    }
  }
}
