/// Moves through one line of JSON, value by value. A function that returns false has found something
/// else than it was to read, and `position` says where.
///
/// Python's NaN, Infinity and -Infinity are values, too.
struct JSONScanner {
  private var line = UnsafeRawBufferPointer(start: nil, count: 0)
  /// The offset in the line of the next byte.
  private(set) var position = 0
  /// The characters of the strings that were read, one string after the other.
  var text: [UInt8] = []
  /// Escapes that stand for no character: half a surrogate pair. Each has become U+FFFD.
  private(set) var invalidSequences = 0

  private static let depthLimit = 512

  /// Goes to the start of a line, which is valid as long as it is read.
  mutating func begin(_ line: UnsafeRawBufferPointer) {
    self.line = line
    position = 0
    text.removeAll(keepingCapacity: true)
    invalidSequences = 0
  }

  /// The next byte; nil at the end of the line.
  var next: UInt8? { position < line.count ? line[position] : nil }

  /// The line from an offset to `position`.
  func bytes(from start: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: line[start..<position])
  }

  /// What is left of the line.
  var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: line[position...]) }

  /// Reads one byte, if it is the one that is expected.
  mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  /// Skips white space.
  ///
  /// - Returns: Whether anything is left.
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

  /// Appends the characters of a string to `text`, its escapes resolved; the next byte is its
  /// opening quote.
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

  /// An escape behind its backslash.
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

  /// Checks any value, and leaves it out of `text`.
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

  /// The elements of an array or an object, to its closing bracket.
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
