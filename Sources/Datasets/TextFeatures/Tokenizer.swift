import Glibc

/// Cuts text into tokens as scikit-learn's CountVectorizer does: lower-case, then every longest run of
/// letters, digits and underscores (`\b\w\w+\b` where the minimum length is 2).
///
/// Bytes in, bytes out. ASCII takes one table look-up a byte; anything else asks Unicode's properties.
final class Tokenizer {
  /// Bytes that are no UTF-8, each treated as U+FFFD: it separates tokens.
  private(set) var invalidSequences = 0

  private let minimumLength: Int
  private let ascii: UnsafeMutablePointer<UInt8>  // lower-cased, 0 for a separator, 0xff beyond
  private var token: UnsafeMutablePointer<UInt8>
  private var capacity = 256

  init(minimumLength: Int) {
    self.minimumLength = max(1, minimumLength)
    token = .allocate(capacity: capacity)
    ascii = .allocate(capacity: 256)
    for byte in 0..<256 {
      let isLetter = (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5f
      let isUpper = (0x41...0x5a).contains(byte)
      ascii[byte] =
        byte >= 0x80 ? 0xff : isLetter ? UInt8(byte) : isUpper ? UInt8(byte + 0x20) : 0
    }
  }

  deinit {
    token.deallocate()
    ascii.deallocate()
  }

  /// Calls `body` with each token of `text`, valid during the call. Tokens do not go on from one text
  /// to the next.
  @inline(__always)
  func tokens(
    in text: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void
  ) {
    var length = 0
    var continuations = 0  // bytes of the token beyond its characters
    var endsInCapitalSigma = false
    var i = 0
    @inline(__always) func flush() {
      if length - continuations >= minimumLength {
        if endsInCapitalSigma, length - continuations > 1 { finalSigma(length) }
        body(UnsafeRawBufferPointer(start: token, count: length))
      }
      length = 0
      continuations = 0
      endsInCapitalSigma = false
    }
    while i < text.count {
      let byte = ascii[Int(text[i])]
      if byte == 0 {
        if length > 0 { flush() }
        i += 1
      } else if byte < 0x80 {
        if length + 4 > capacity { grow() }
        token[length] = byte
        length += 1
        if endsInCapitalSigma { endsInCapitalSigma = false }
        i += 1
      } else {
        let (scalar, size) = UTF8Decoding.scalar(in: text, at: i)
        i += size
        guard let scalar else {
          invalidSequences += 1
          if length > 0 { flush() }
          continue
        }
        for lower in Self.lowercase(scalar) {
          if length + 4 > capacity { grow() }
          if Self.isWord(lower) {
            endsInCapitalSigma = scalar == 0x3a3
            let bytes = UTF8Decoding.encode(lower.value, to: token + length)
            length += bytes
            continuations += bytes - 1
          } else if length > 0 {
            flush()
          }
        }
      }
    }
    if length > 0 { flush() }
  }

  private static func lowercase(_ value: UInt32) -> String.UnicodeScalarView {
    (Unicode.Scalar(value) ?? "\u{fffd}").properties.lowercaseMapping.unicodeScalars
  }

  /// Python's `\w`: letters, whatever has a numeric value, and the underscore.
  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .decimalNumber:
      return true
    default: return scalar == "_" || scalar.properties.numericType != nil
    }
  }

  /// Python lower-cases a Σ that ends a word to ς: 0xcf 0x82 in place of σ, 0xcf 0x83.
  private func finalSigma(_ length: Int) { token[length - 1] = 0x82 }

  private func grow() {
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * 2)
    memcpy(larger, token, capacity)
    token.deallocate()
    token = larger
    capacity *= 2
  }
}

/// UTF-8, one scalar at a time.
enum UTF8Decoding {
  /// The scalar at `i` and its length; nil and the number of bytes to skip where it is none.
  @inline(__always)
  static func scalar(
    in bytes: UnsafeRawBufferPointer, at i: Int
  ) -> (scalar: UInt32?, size: Int) {
    let first = UInt32(bytes[i])
    let (size, lead, least): (Int, UInt32, UInt32) =
      switch first {
      case 0..<0x80: (1, first, 0)
      case 0xc2..<0xe0: (2, first & 0x1f, 0x80)
      case 0xe0..<0xf0: (3, first & 0x0f, 0x800)
      case 0xf0..<0xf5: (4, first & 0x07, 0x1_0000)
      default: (0, 0, 0)
      }
    guard size > 0 else { return (nil, 1) }
    var scalar = lead
    for offset in 1..<max(size, 1) where size > 1 {
      guard i + offset < bytes.count, bytes[i + offset] & 0xc0 == 0x80 else {
        return (nil, offset)
      }
      scalar = scalar << 6 | UInt32(bytes[i + offset] & 0x3f)
    }
    guard scalar >= least, scalar < 0x11_0000, !(0xd800..<0xe000).contains(scalar) else {
      return (nil, size)
    }
    return (scalar, size)
  }

  /// Writes `scalar` as UTF-8: at most 4 bytes.
  /// - Returns: How many.
  static func encode(_ scalar: UInt32, to bytes: UnsafeMutablePointer<UInt8>) -> Int {
    func tail(_ shift: UInt32) -> UInt8 { UInt8(scalar >> shift & 0x3f) | 0x80 }
    switch scalar {
    case 0..<0x80:
      bytes[0] = UInt8(scalar)
      return 1
    case 0x80..<0x800:
      bytes[0] = UInt8(scalar >> 6) | 0xc0
      bytes[1] = tail(0)
      return 2
    case 0x800..<0x1_0000:
      bytes[0] = UInt8(scalar >> 12) | 0xe0
      bytes[1] = tail(6)
      bytes[2] = tail(0)
      return 3
    default:
      bytes[0] = UInt8(scalar >> 18) | 0xf0
      bytes[1] = tail(12)
      bytes[2] = tail(6)
      bytes[3] = tail(0)
      return 4
    }
  }
}
