import Diagnostics

/// The wanted fields of one JSON object in bytes: strings with their escapes resolved, numbers,
/// true, false, null. Other fields may hold any value, Python's NaN and Infinity included.
///
/// Our own because a general decoder makes every field of every line an object first.
struct JSONLine {
  private enum Value {
    case absent, null
    /// A range of `storage`.
    case text(Range<Int>)
  }

  /// Why a line was not read.
  struct Problem: Equatable {
    /// What was found, for a message.
    var found: String
    /// Where: bytes from the line's start.
    var place: Int
  }

  /// What each wanted field holds, in the order of the names.
  private var values: [Value]
  /// Of the line last parsed.
  private(set) var problem: Problem?
  /// Escapes that stand for no character: half a surrogate pair. Each has become U+FFFD.
  private(set) var invalidSequences = 0
  private var storage: [UInt8] = []
  private let names: [[UInt8]?]

  private static let depthLimit = 512

  /// - Parameter names: The wanted fields; nil for one that is not wanted after all.
  init(_ names: [String?]) {
    self.names = names.map { $0.map { Array($0.utf8) } }
    values = names.map { _ in .absent }
  }

  /// Whether the line has field `i`, be it null.
  func has(_ i: Int) -> Bool {
    if case .absent = values[i] { return false }
    return true
  }

  /// Calls `body` with the bytes of field `i`; nil where the line has it not, or null.
  func with<T>(_ i: Int, _ body: (UnsafeRawBufferPointer?) throws -> T) rethrows -> T {
    guard case .text(let range) = values[i] else { return try body(nil) }
    return try storage.withUnsafeBytes {
      try body(UnsafeRawBufferPointer(rebasing: $0[range]))
    }
  }

  /// Reads a line.
  /// - Returns: Whether it is an object whose wanted fields are plain; `problem` says why not.
  mutating func parse(_ line: UnsafeRawBufferPointer) -> Bool {
    for i in values.indices { values[i] = .absent }
    storage.removeAll(keepingCapacity: true)
    invalidSequences = 0
    problem = nil
    var i = 0
    if object(line, &i) { return true }
    if problem == nil {
      let rest = UnsafeRawBufferPointer(rebasing: line[min(i, line.count)...])
      problem = Problem(
        found: rest.isEmpty
          ? "ends inside a JSON object" : "is no JSON: \(NumberText.excerpt(rest))",
        place: i)
    }
    return false
  }

  private mutating func object(_ line: UnsafeRawBufferPointer, _ i: inout Int) -> Bool {
    guard skip(line, &i) else { return false }
    guard line[i] == UInt8(ascii: "{") else {
      problem = Problem(
        found: line[i] == UInt8(ascii: "[") ? "is a JSON array" : "is no JSON object", place: i)
      return false
    }
    i += 1
    guard skip(line, &i) else { return false }
    if line[i] == UInt8(ascii: "}") {
      i += 1
      return !skip(line, &i)
    }
    while true {
      guard skip(line, &i), line[i] == UInt8(ascii: "\"") else { return false }
      guard field(line, &i), skip(line, &i) else { return false }
      i += 1
      if line[i - 1] == UInt8(ascii: "}") { return !skip(line, &i) }
      guard line[i - 1] == UInt8(ascii: ",") else {
        i -= 1
        return false
      }
    }
  }

  /// A name and its value; `i` is at the name's quote.
  private mutating func field(_ line: UnsafeRawBufferPointer, _ i: inout Int) -> Bool {
    let (start, place) = (storage.count, i)
    guard string(line, &i) else { return false }
    let name = names.firstIndex { $0.map { storage[start...].elementsEqual($0) } ?? false }
    storage.removeLast(storage.count - start)
    guard skip(line, &i), line[i] == UInt8(ascii: ":") else { return false }
    i += 1
    guard skip(line, &i) else { return false }
    guard let name else { return pass(line, &i, depth: 0) }
    let quoted = "\"\(String(decoding: names[name]!, as: UTF8.self))\""
    if has(name) {
      problem = Problem(found: "has \(quoted) twice", place: place)
      return false
    }
    guard let value = plain(line, &i, quoted) else { return false }
    // One field may be wanted as text and as id.
    for other in names.indices where names[other] == names[name] { values[other] = value }
    return true
  }

  /// - Returns: Whether anything is left.
  private func skip(_ line: UnsafeRawBufferPointer, _ i: inout Int) -> Bool {
    while i < line.count, line[i] == 0x20 || line[i] == 0x09 || line[i] == 0x0d || line[i] == 0x0a {
      i += 1
    }
    return i < line.count
  }

  /// The value of a wanted field, whose name is for a message; nil where it is not plain.
  private mutating func plain(
    _ line: UnsafeRawBufferPointer, _ i: inout Int, _ name: String
  ) -> Value? {
    let start = storage.count
    let first = i
    switch line[i] {
    case UInt8(ascii: "\""):
      guard string(line, &i) else { return nil }
    case UInt8(ascii: "n"):
      return literal(line, &i, "null") ? .null : nil
    case UInt8(ascii: "t"):
      guard literal(line, &i, "true") else { return nil }
      storage.append(contentsOf: "true".utf8)
    case UInt8(ascii: "f"):
      guard literal(line, &i, "false") else { return nil }
      storage.append(contentsOf: "false".utf8)
    case UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "N"), UInt8(ascii: "I"):
      guard pass(line, &i, depth: 0) else { return nil }
      let kind =
        line[first] == UInt8(ascii: "[")
        ? "an array" : line[first] == UInt8(ascii: "{") ? "an object" : "no number"
      let value = UnsafeRawBufferPointer(rebasing: line[first..<i])
      problem = Problem(found: "\(name) is \(kind): \(NumberText.excerpt(value))", place: first)
      return nil
    default:
      guard number(line, &i) else { return nil }
      storage.append(contentsOf: Self.canonical(line[first..<i]))
    }
    return .text(start..<storage.count)
  }

  /// A number as a name: 7 for 7.0; whole numbers keep all their digits.
  private static func canonical(_ digits: Slice<UnsafeRawBufferPointer>) -> [UInt8] {
    let isWhole = digits.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2d }
    if isWhole, !digits.elementsEqual("-0".utf8) { return [UInt8](digits) }
    guard let value = Double(String(decoding: digits, as: UTF8.self)) else {
      return [UInt8](digits)
    }
    return Array((Int(exactly: value).map(String.init) ?? String(value)).utf8)
  }

  private func number(_ line: UnsafeRawBufferPointer, _ i: inout Int) -> Bool {
    func digits() -> Bool {
      let start = i
      while i < line.count, (0x30...0x39).contains(line[i]) { i += 1 }
      return i > start
    }
    if i < line.count, line[i] == UInt8(ascii: "-") { i += 1 }
    let first = i
    guard digits(), line[first] != 0x30 || i == first + 1 else { return false }
    if i < line.count, line[i] == UInt8(ascii: ".") {
      i += 1
      guard digits() else { return false }
    }
    if i < line.count, line[i] | 0x20 == UInt8(ascii: "e") {
      i += 1
      if i < line.count, line[i] == UInt8(ascii: "+") || line[i] == UInt8(ascii: "-") { i += 1 }
      guard digits() else { return false }
    }
    return true
  }

  private func literal(
    _ line: UnsafeRawBufferPointer, _ i: inout Int, _ word: StaticString
  ) -> Bool {
    let count = word.utf8CodeUnitCount
    guard i + count <= line.count,
      word.withUTF8Buffer({ line[i..<i + count].elementsEqual($0) })
    else { return false }
    i += count
    return true
  }

  /// Appends a string's characters; `i` is at its quote, and then behind the closing one.
  private mutating func string(_ line: UnsafeRawBufferPointer, _ i: inout Int) -> Bool {
    i += 1
    while true {
      let start = i
      while i < line.count, line[i] != UInt8(ascii: "\""), line[i] != UInt8(ascii: "\\"),
        line[i] >= 0x20
      {
        i += 1
      }
      guard i < line.count, line[i] >= 0x20 else { return false }
      storage.append(contentsOf: UnsafeRawBufferPointer(rebasing: line[start..<i]))
      i += 1
      if line[i - 1] == UInt8(ascii: "\"") { return true }
      guard i < line.count else { return false }
      let escape = line[i]
      i += 1
      switch escape {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): storage.append(escape)
      case UInt8(ascii: "b"): storage.append(0x08)
      case UInt8(ascii: "f"): storage.append(0x0c)
      case UInt8(ascii: "n"): storage.append(0x0a)
      case UInt8(ascii: "r"): storage.append(0x0d)
      case UInt8(ascii: "t"): storage.append(0x09)
      case UInt8(ascii: "u"):
        guard var scalar = Self.hexadecimal(line, &i) else { return false }
        if (0xd800..<0xdc00).contains(scalar), i + 6 <= line.count,
          line[i] == UInt8(ascii: "\\"), line[i + 1] == UInt8(ascii: "u")
        {
          var after = i + 2
          if let low = Self.hexadecimal(line, &after), (0xdc00..<0xe000).contains(low) {
            scalar = 0x1_0000 + (scalar - 0xd800) << 10 + (low - 0xdc00)
            i = after
          }
        }
        if (0xd800..<0xe000).contains(scalar) {
          invalidSequences += 1
          scalar = 0xfffd
        }
        storage.append(contentsOf: String(Unicode.Scalar(scalar) ?? "\u{fffd}").utf8)
      default: return false
      }
    }
  }

  private static func hexadecimal(_ line: UnsafeRawBufferPointer, _ i: inout Int) -> UInt32? {
    guard i + 4 <= line.count else { return nil }
    var value: UInt32 = 0
    for digit in line[i..<i + 4] {
      switch digit {
      case 0x30...0x39: value = value << 4 | UInt32(digit - 0x30)
      case 0x41...0x46: value = value << 4 | UInt32(digit - 0x37)
      case 0x61...0x66: value = value << 4 | UInt32(digit - 0x57)
      default: return nil
      }
    }
    i += 4
    return value
  }

  /// Any value, checked and left out.
  private mutating func pass(
    _ line: UnsafeRawBufferPointer, _ i: inout Int, depth: Int
  ) -> Bool {
    guard depth < Self.depthLimit, skip(line, &i) else { return false }
    switch line[i] {
    case UInt8(ascii: "\""):
      let start = storage.count
      guard string(line, &i) else { return false }
      storage.removeLast(storage.count - start)
      return true
    case UInt8(ascii: "n"): return literal(line, &i, "null")
    case UInt8(ascii: "t"): return literal(line, &i, "true")
    case UInt8(ascii: "f"): return literal(line, &i, "false")
    case UInt8(ascii: "N"): return literal(line, &i, "NaN")
    case UInt8(ascii: "I"): return literal(line, &i, "Infinity")
    case UInt8(ascii: "-") where i + 1 < line.count && line[i + 1] == UInt8(ascii: "I"):
      return literal(line, &i, "-Infinity")
    case UInt8(ascii: "["), UInt8(ascii: "{"):
      let isObject = line[i] == UInt8(ascii: "{")
      let close = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
      i += 1
      guard skip(line, &i) else { return false }
      if line[i] == close {
        i += 1
        return true
      }
      while true {
        if isObject {
          guard skip(line, &i), line[i] == UInt8(ascii: "\"") else { return false }
          guard pass(line, &i, depth: depth + 1), skip(line, &i), line[i] == UInt8(ascii: ":")
          else {
            return false
          }
          i += 1
        }
        guard pass(line, &i, depth: depth + 1), skip(line, &i) else { return false }
        i += 1
        if line[i - 1] == close { return true }
        guard line[i - 1] == UInt8(ascii: ",") else { return false }
      }
    default: return number(line, &i)
    }
  }
}
