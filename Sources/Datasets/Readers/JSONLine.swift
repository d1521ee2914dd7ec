import Diagnostics

/// The wanted fields of one JSON object in bytes: strings with their escapes resolved, numbers,
/// true, false, null. Other fields may hold any value.
///
/// Our own because a general decoder makes every field of every line an object first.
struct JSONLine {
  private enum Value {
    case absent, null
    /// A range of the scanner's text.
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
  private var scanner = JSONScanner()
  private let names: [[UInt8]?]

  /// - Parameter names: The wanted fields; nil for one that is not wanted after all.
  init(_ names: [String?]) {
    self.names = names.map { $0.map { Array($0.utf8) } }
    values = names.map { _ in .absent }
  }

  /// Escapes of the line that stand for no character; each has become U+FFFD.
  var invalidSequences: Int { scanner.invalidSequences }

  /// Whether the line has field `i`, be it null.
  func has(_ i: Int) -> Bool {
    if case .absent = values[i] { return false }
    return true
  }

  /// Calls `body` with the bytes of field `i`; nil where the line has it not, or null.
  func with<T>(_ i: Int, _ body: (UnsafeRawBufferPointer?) throws -> T) rethrows -> T {
    guard case .text(let range) = values[i] else { return try body(nil) }
    return try scanner.text.withUnsafeBytes {
      try body(UnsafeRawBufferPointer(rebasing: $0[range]))
    }
  }

  /// Reads a line.
  /// - Returns: Whether it is an object whose wanted fields are plain; `problem` says why not.
  mutating func parse(_ line: UnsafeRawBufferPointer) -> Bool {
    for i in values.indices { values[i] = .absent }
    problem = nil
    scanner.begin(line)
    if object() { return true }
    if problem == nil {
      let rest = scanner.rest
      problem = Problem(
        found: rest.isEmpty
          ? "ends inside a JSON object" : "is no JSON: \(NumberText.excerpt(rest))",
        place: scanner.position)
    }
    return false
  }

  private mutating func object() -> Bool {
    guard scanner.skipSpace() else { return false }
    guard scanner.take(UInt8(ascii: "{")) else {
      problem = Problem(
        found: scanner.next == UInt8(ascii: "[") ? "is a JSON array" : "is no JSON object",
        place: scanner.position)
      return false
    }
    guard scanner.skipSpace() else { return false }
    if scanner.take(UInt8(ascii: "}")) { return !scanner.skipSpace() }
    while true {
      guard scanner.skipSpace(), scanner.next == UInt8(ascii: "\""), field(), scanner.skipSpace()
      else { return false }
      if scanner.take(UInt8(ascii: "}")) { return !scanner.skipSpace() }
      guard scanner.take(UInt8(ascii: ",")) else { return false }
    }
  }

  /// A name and its value; the next byte is the name's quote.
  private mutating func field() -> Bool {
    let (start, place) = (scanner.text.count, scanner.position)
    guard scanner.string() else { return false }
    let name = names.firstIndex {
      $0.map { scanner.text[start...].elementsEqual($0) } ?? false
    }
    scanner.text.removeLast(scanner.text.count - start)
    guard scanner.skipSpace(), scanner.take(UInt8(ascii: ":")), scanner.skipSpace() else {
      return false
    }
    guard let name else { return scanner.skipValue() }
    let quoted = "\"\(String(decoding: names[name]!, as: UTF8.self))\""
    if has(name) {
      problem = Problem(found: "has \(quoted) twice", place: place)
      return false
    }
    guard let value = plain(quoted) else { return false }
    // One field may be wanted as text and as id.
    for other in names.indices where names[other] == names[name] { values[other] = value }
    return true
  }

  /// The value of a wanted field, whose name is for a message; nil where it is not plain.
  private mutating func plain(_ name: String) -> Value? {
    let start = scanner.text.count
    let first = scanner.position
    switch scanner.next {
    case UInt8(ascii: "\""):
      guard scanner.string() else { return nil }
    case UInt8(ascii: "n"):
      return scanner.literal("null") ? .null : nil
    case UInt8(ascii: "t"):
      guard scanner.literal("true") else { return nil }
      scanner.text.append(contentsOf: "true".utf8)
    case UInt8(ascii: "f"):
      guard scanner.literal("false") else { return nil }
      scanner.text.append(contentsOf: "false".utf8)
    case UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "N"), UInt8(ascii: "I"):
      let opening = scanner.next
      guard scanner.skipValue() else { return nil }
      let kind =
        opening == UInt8(ascii: "[")
        ? "an array" : opening == UInt8(ascii: "{") ? "an object" : "no number"
      let value = scanner.bytes(from: first)
      problem = Problem(found: "\(name) is \(kind): \(NumberText.excerpt(value))", place: first)
      return nil
    default:
      guard scanner.number() else { return nil }
      scanner.text.append(contentsOf: Self.canonical(scanner.bytes(from: first)))
    }
    return .text(start..<scanner.text.count)
  }

  /// A number as a name: 7 for 7.0; whole numbers keep all their digits.
  private static func canonical(_ digits: UnsafeRawBufferPointer) -> [UInt8] {
    let isWhole = digits.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2d }
    if isWhole, !digits.elementsEqual("-0".utf8) { return [UInt8](digits) }
    guard let value = Double(String(decoding: digits, as: UTF8.self)) else {
      return [UInt8](digits)
    }
    return Array((Int(exactly: value).map(String.init) ?? String(value)).utf8)
  }
}
