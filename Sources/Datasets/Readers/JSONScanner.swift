/// A scanner of JSON values in one line. Its functions return whether they found what they expect;
/// if not, `position` is the offset of the fault.
///
/// It accepts NaN, Infinity and -Infinity, which Python writes.
struct JSONScanner {
  private var line = UnsafeRawBufferPointer(start: nil, count: 0)
  /// The offset in the line of the next byte.
  private(set) var position = 0
  /// The characters of all strings that were read, concatenated.
  var text: [UInt8] = []
  /// The number of escapes that denote no character, such as half a surrogate pair. Each was
  /// replaced by U+FFFD.
  private(set) var invalidSequences = 0

  private static let depthLimit = 512

  /// Starts with another line. The caller keeps its bytes valid while they are scanned.
  mutating func begin(_ line: UnsafeRawBufferPointer) {
    self.line = line
    position = 0
    text.removeAll(keepingCapacity: true)
    invalidSequences = 0
  }

  /// The next byte; nil at the end of the line.
  var next: UInt8? { position < line.count ? line[position] : nil }

  /// The bytes from an offset up to `position`.
  func bytes(from start: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: line[start..<position])
  }

  /// The bytes from `position` to the end of the line.
  var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: line[position...]) }

  /// Skips the next byte if it is `byte`.
  ///
  /// - Returns: Whether it is.
  mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  /// Skips white space.
  ///
  /// - Returns: Whether any bytes follow.
  mutating func skipSpace() -> Bool {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0d || byte == 0x0a {
      position += 1
    }
    return position < line.count
  }

  mutating func literal(_ word: StaticString) -> Bool {
    let end = position + word.utf8CodeUnitCount
    guard end <= line.count, word.withUTF8Buffer({ line[position..<end].elementsEqual($0) })
    else { return false }
    position = end
    return true
  }

  mutating func number() -> Bool {
    _ = take(UInt8(ascii: "-"))
    let first = position
    guard digits(), line[first] != 0x30 || position == first + 1 else { return false }
    if take(UInt8(ascii: ".")), !digits() { return false }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      guard digits() else { return false }
    }
    return true
  }

  private mutating func digits() -> Bool {
    let start = position
    while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
    return position > start
  }

  /// Reads a string and appends its characters, with escapes resolved, to `text`. The next byte is
  /// the opening quote.
  mutating func string() -> Bool {
    position += 1
    while true {
      let start = position
      var i = start
      while i < line.count, line[i] != UInt8(ascii: "\""), line[i] != UInt8(ascii: "\\"),
        line[i] >= 0x20
      {
        i += 1
      }
      position = i
      guard i < line.count, line[i] >= 0x20 else { return false }
      text.append(contentsOf: UnsafeRawBufferPointer(rebasing: line[start..<i]))
      position += 1
      if line[i] == UInt8(ascii: "\"") { return true }
      guard escape() else { return false }
    }
  }

  /// Reads an escape after its backslash.
  private mutating func escape() -> Bool {
    guard let letter = next else { return false }
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0c)
    case UInt8(ascii: "n"): text.append(0x0a)
    case UInt8(ascii: "r"): text.append(0x0d)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      guard var scalar = hexadecimal() else { return false }
      if (0xd800..<0xdc00).contains(scalar) {
        // The other half of a surrogate pair, if it follows.
        let end = position
        if take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")), let low = hexadecimal(),
          (0xdc00..<0xe000).contains(low)
        {
          scalar = 0x1_0000 + (scalar - 0xd800) << 10 + (low - 0xdc00)
        } else {
          position = end
        }
      }
      if (0xd800..<0xe000).contains(scalar) {
        invalidSequences += 1
        scalar = 0xfffd
      }
      text.append(contentsOf: String(Unicode.Scalar(scalar) ?? "\u{fffd}").utf8)
    default: return false
    }
    return true
  }

  private mutating func hexadecimal() -> UInt32? {
    guard position + 4 <= line.count else { return nil }
    var value: UInt32 = 0
    for digit in line[position..<position + 4] {
      switch digit {
      case 0x30...0x39: value = value << 4 | UInt32(digit - 0x30)
      case 0x41...0x46: value = value << 4 | UInt32(digit - 0x37)
      case 0x61...0x66: value = value << 4 | UInt32(digit - 0x57)
      default: return nil
      }
    }
    position += 4
    return value
  }

  /// Skips a value of any kind, which must be well-formed.
  mutating func skipValue(depth: Int = 0) -> Bool {
    guard depth < Self.depthLimit, skipSpace(), let first = next else { return false }
    switch first {
    case UInt8(ascii: "\""):
      let start = text.count
      guard string() else { return false }
      text.removeLast(text.count - start)
      return true
    case UInt8(ascii: "n"): return literal("null")
    case UInt8(ascii: "t"): return literal("true")
    case UInt8(ascii: "f"): return literal("false")
    case UInt8(ascii: "N"): return literal("NaN")
    case UInt8(ascii: "I"): return literal("Infinity")
    case UInt8(ascii: "-"): return literal("-Infinity") || number()
    case UInt8(ascii: "["): return skipElements(to: UInt8(ascii: "]"), depth: depth)
    case UInt8(ascii: "{"): return skipElements(to: UInt8(ascii: "}"), depth: depth)
    default: return number()
    }
  }

  /// Skips the elements of an array or an object up to the closing bracket `close`.
  private mutating func skipElements(to close: UInt8, depth: Int) -> Bool {
    position += 1
    guard skipSpace() else { return false }
    if take(close) { return true }
    while true {
      if close == UInt8(ascii: "}") {
        guard skipSpace(), next == UInt8(ascii: "\""), skipValue(depth: depth + 1), skipSpace(),
          take(UInt8(ascii: ":"))
        else { return false }
      }
      guard skipValue(depth: depth + 1), skipSpace() else { return false }
      if take(close) { return true }
      guard take(UInt8(ascii: ",")) else { return false }
    }
  }
}
