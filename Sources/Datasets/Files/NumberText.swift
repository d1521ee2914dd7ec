import Glibc

/// Parses numbers in bytes of text, without making Strings.
enum NumberText {
  /// Parses an integer of at most 18 digits with an optional sign; nil for anything else.
  static func integer(_ bytes: UnsafeRawBufferPointer) -> Int? {
    var rest = bytes[...]
    let isNegative = rest.first == 0x2d
    if isNegative || rest.first == 0x2b { rest.removeFirst() }
    guard (1...18).contains(rest.count) else { return nil }
    var value = 0
    for byte in rest {
      guard (0x30...0x39).contains(byte) else { return nil }
      value = value * 10 + Int(byte - 0x30)
    }
    return isNegative ? -value : value
  }

  private static let powers: [Double] = (0...22).map { i in
    (0..<i).reduce(1.0) { value, _ in value * 10 }
  }

  /// Parses a decimal number, `nan` or `inf`; nil for anything else, such as hexadecimal numbers.
  static func real(_ bytes: UnsafeRawBufferPointer) -> Double? {
    var i = 0
    var isNegative = false
    if let first = bytes.first, first == 0x2d || first == 0x2b {
      isNegative = first == 0x2d
      i = 1
    }
    var (mantissa, exponent) = (UInt64(0), 0)
    var (hasDigits, isExact, isFraction) = (false, true, false)
    while i < bytes.count {
      let byte = bytes[i]
      if (0x30...0x39).contains(byte) {
        hasDigits = true
        if mantissa < 1 << 53 {
          mantissa = mantissa * 10 + UInt64(byte - 0x30)
          if isFraction { exponent -= 1 }
        } else {
          isExact = false
        }
      } else if byte == 0x2e, !isFraction {
        isFraction = true
      } else {
        break
      }
      i += 1
    }
    guard hasDigits else { return special(bytes) }
    if i < bytes.count {
      guard bytes[i] | 0x20 == 0x65 else { return nil }
      let text = UnsafeRawBufferPointer(rebasing: bytes[(i + 1)...])
      guard let power = integer(text) else { return nil }
      guard abs(power) < 100_000 else { return slow(bytes) }
      exponent += power
    }
    // Both are exact in Double, so one rounding gives the nearest.
    guard isExact, mantissa <= 1 << 53, abs(exponent) <= 22 else { return slow(bytes) }
    let size = Double(mantissa)
    let value = exponent < 0 ? size / powers[-exponent] : size * powers[exponent]
    return isNegative ? -value : value
  }

  private static func slow(_ bytes: UnsafeRawBufferPointer) -> Double {
    strtod(bytes.map(CChar.init(bitPattern:)) + [0], nil)
  }

  private static func special(_ bytes: UnsafeRawBufferPointer) -> Double? {
    guard bytes.count <= 9 else { return nil }
    let word = String(decoding: bytes, as: UTF8.self).lowercased()
    switch word.first == "-" || word.first == "+" ? String(word.dropFirst()) : word {
    case "nan": return .nan
    case "inf", "infinity": return word.first == "-" ? -.infinity : .infinity
    default: return nil
    }
  }

  /// The beginning of a field for an error message, on one line.
  static func excerpt(_ bytes: UnsafeRawBufferPointer) -> String {
    let start = bytes.prefix(40).map { (0x20...0x7e).contains($0) ? $0 : 0x3f }
    return "\"" + String(decoding: start, as: UTF8.self) + (bytes.count > 40 ? "...\"" : "\"")
  }
}

/// The fields of a line, separated by spaces and tabs.
struct Fields {
  private let line: UnsafeRawBufferPointer
  private var position = 0

  init(_ line: UnsafeRawBufferPointer) { self.line = line }

  mutating func next() -> UnsafeRawBufferPointer? {
    while position < line.count, Self.isSpace(line[position]) { position += 1 }
    guard position < line.count else { return nil }
    let start = position
    while position < line.count, !Self.isSpace(line[position]) { position += 1 }
    return UnsafeRawBufferPointer(rebasing: line[start..<position])
  }

  @inline(__always)
  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
