import Diagnostics

/// NumPy's `.npy` format: a magic number, a version, a Python dictionary as text, the elements.
public enum NPY {
  /// The element types that are supported, all little-endian.
  public enum ElementType: String, Sendable {
    case float16 = "<f2"
    case float32 = "<f4"
    case float64 = "<f8"
    case int8 = "|i1"
    case int16 = "<i2"
    case int32 = "<i4"
    case int64 = "<i8"
    case uint8 = "|u1"
    case uint16 = "<u2"
    case uint32 = "<u4"
    case uint64 = "<u8"
    /// One byte, 0 or 1.
    case bool = "|b1"

    public var bytes: Int {
      switch self {
      case .int8, .uint8, .bool: 1
      case .float16, .int16, .uint16: 2
      case .float32, .int32, .uint32: 4
      case .float64, .int64, .uint64: 8
      }
    }

    public var isInteger: Bool { ![.float16, .float32, .float64].contains(self) }
  }

  /// The contents of a header, and the offset of the elements.
  public struct Header: Equatable, Sendable {
    public var type: ElementType
    public var isFortranOrder = false
    public var shape: [Int]
    /// The offset of the first element in the file.
    public var dataOffset: Int

    /// The number of elements.
    public var count: Int { shape.reduce(1, *) }
    public var dataBytes: Int { count * type.bytes }
  }

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// The header that numpy would write, padded so that the elements begin at a multiple of 64.
  public static func header(shape: [Int], type: ElementType) -> [UInt8] {
    let sizes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    let text = "{'descr': '\(type.rawValue)', 'fortran_order': False, 'shape': (\(sizes)), }"
    let total = (10 + text.utf8.count + 1 + 63) / 64 * 64
    let length = total - 10
    var bytes = magic + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)]
    bytes += Array(text.utf8)
    bytes += [UInt8](repeating: 0x20, count: total - bytes.count - 1) + [0x0a]
    return bytes
  }

  /// Reads a header of version 1, 2 or 3.
  ///
  /// - Parameters:
  ///   - start: The file's first bytes, at least as far as the header goes.
  ///   - path: The path that messages name.
  public static func parseHeader(_ start: UnsafeRawBufferPointer, path: String) throws -> Header {
    let (descr, fields) = try parseText(start, path: path)
    guard let type = elementType(descr) else {
      if descr.hasPrefix("|O") {
        throw Failure.badInput(
          path, "is an object array",
          hint: "save sparse matrices by scipy.sparse.save_npz, others as an array of numbers")
      }
      let quoted = Array(descr.utf8).withUnsafeBytes(NumberText.excerpt)
      throw Failure.badInput(
        path, "holds elements of type \(quoted)",
        hint: descr.hasPrefix(">")
          ? "save it little-endian: numpy.save(file, x.astype(\"<\(descr.dropFirst())\"))"
          : "save it as float32, float64 or integers")
    }
    return Header(
      type: type, isFortranOrder: fields.isFortranOrder, shape: fields.shape,
      dataOffset: fields.dataOffset)
  }

  /// The type of a description. NumPy writes `|u1`, other programs `u1` or `<u1`.
  private static func elementType(_ descr: String) -> ElementType? {
    let isByte = descr.hasSuffix("1") && descr.utf8.count <= 3
    guard isByte, let letter = descr.dropLast().last, "iub".contains(letter) else {
      return ElementType(rawValue: descr)
    }
    return ElementType(rawValue: "|\(letter)1")
  }

  /// Parses a header whose elements may be of any type, which is returned as NumPy's description;
  /// `type` of the header returned has no meaning.
  static func parseText(
    _ start: UnsafeRawBufferPointer, path: String
  ) throws -> (descr: String, fields: Header) {
    func bad(_ found: String) -> Failure {
      .badInput(path, found, hint: "is it a .npy file that numpy.save wrote?")
    }
    guard start.count >= 12, start[0..<6].elementsEqual(magic) else {
      throw bad("does not begin as a .npy file")
    }
    let isLong = start[6] >= 2
    guard (1...3).contains(start[6]) else {
      throw bad("has .npy version \(start[6]).\(start[7])")
    }
    var length = Int(start[8]) | Int(start[9]) << 8
    if isLong { length |= Int(start[10]) << 16 | Int(start[11]) << 24 }
    let offset = (isLong ? 12 : 10) + length
    guard offset <= start.count else { throw bad("ends inside its header") }
    let text = String(decoding: start[(isLong ? 12 : 10)..<offset], as: UTF8.self)
    var dictionary = HeaderText(text)
    guard let fields = dictionary.parse(), let descr = fields.descr, let shape = fields.shape
    else { throw bad("has a header that cannot be read") }
    var count = 1
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow, product <= 1 << 48 else { throw bad("has a shape beyond all bounds") }
      count = product
    }
    return (
      descr,
      Header(
        type: .uint8, isFortranOrder: fields.isFortranOrder, shape: shape, dataOffset: offset)
    )
  }
}

/// Parses the dictionary of a `.npy` header, which has three keys in any order.
private struct HeaderText {
  var descr: String?
  var shape: [Int]?
  var isFortranOrder = false
  private var rest: Substring.UnicodeScalarView
  private let text: String

  init(_ text: String) {
    self.text = text
    rest = Substring(text).unicodeScalars
  }

  /// Returns this value with the fields filled in; nil if the text is not such a dictionary.
  mutating func parse() -> HeaderText? {
    guard take("{") else { return nil }
    while !take("}") {
      guard let key = quoted(), take(":") else { return nil }
      switch key {
      case "descr":
        descr = quoted()
        if descr == nil { return nil }
      case "fortran_order":
        let word = word()
        guard word == "True" || word == "False" else { return nil }
        isFortranOrder = word == "True"
      case "shape":
        guard let sizes = tuple() else { return nil }
        shape = sizes
      default: return nil
      }
      _ = take(",")
      if rest.isEmpty { return nil }
    }
    return self
  }

  private mutating func skipSpaces() {
    while let first = rest.first, first == " " || first == "\n" { rest.removeFirst() }
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    skipSpaces()
    guard rest.first == scalar else { return false }
    rest.removeFirst()
    return true
  }

  private mutating func quoted() -> String? {
    skipSpaces()
    guard let quote = rest.first, quote == "'" || quote == "\"" else { return nil }
    rest.removeFirst()
    guard let close = rest.firstIndex(of: quote) else { return nil }
    defer { rest = rest[rest.index(after: close)...] }
    return String(String.UnicodeScalarView(rest[..<close]))
  }

  private mutating func word() -> String {
    skipSpaces()
    var word = String.UnicodeScalarView()
    while let first = rest.first, first.properties.isAlphabetic || ("0"..."9").contains(first) {
      word.append(first)
      rest.removeFirst()
    }
    return String(word)
  }

  private mutating func tuple() -> [Int]? {
    guard take("(") else { return nil }
    var sizes: [Int] = []
    while !take(")") {
      guard let size = Int(word()), size >= 0, sizes.count < 32 else { return nil }
      sizes.append(size)
      _ = take(",")
    }
    return sizes
  }
}
