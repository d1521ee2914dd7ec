import Diagnostics

/// Parses the requested fields of one JSON object: strings with their escapes resolved, numbers,
/// true, false and null. Other fields may hold any value.
///
/// It is our own parser because a general one would allocate a value for every field of each line.
struct JSONLine {
  private enum Value {
    case absent, null
    /// The range of the scanner's text that holds the value.
    case text(Range<Int>)
  }

  /// Why a line was refused.
  struct Problem: Equatable {
    /// The fault, for a message.
    var found: String
    /// The offset of the fault in the line, in bytes.
    var place: Int
  }

  /// The value of each requested field, in the order of the names.
  private var values: [Value]
  /// The fault of the line last parsed; nil if it was parsed.
  private(set) var problem: Problem?
  private var scanner = JSONScanner()
  private let names: [[UInt8]?]

  /// - Parameter names: The names of the requested fields; nil for a field that is always absent.
  init(_ names: [String?]) {
    self.names = names.map { $0.map { Array($0.utf8) } }
    values = names.map { _ in .absent }
  }

  /// The number of escapes in the line that denote no character; each was replaced by U+FFFD.
  var invalidSequences: Int { scanner.invalidSequences }

  /// Whether the line has field `i`, which may be null.
  func has(_ i: Int) -> Bool {
    if case .absent = values[i] { return false }
    return true
  }

  /// Calls `body` with the bytes of field `i`; with nil if it is absent or null.
  func with<T>(_ i: Int, _ body: (UnsafeRawBufferPointer?) throws -> T) rethrows -> T {
    guard case .text(let range) = values[i] else { return try body(nil) }
    return try scanner.text.withUnsafeBytes {
      try body(UnsafeRawBufferPointer(rebasing: $0[range]))
    }
  }

  /// Parses a line.
  ///
  /// - Returns: Whether it is an object whose requested fields are neither arrays nor objects;
  ///   otherwise `problem` says why not.
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

  /// Parses a name and its value; the next byte is the opening quote of the name.
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
    // The same field may be requested as text and as id.
    for other in names.indices where names[other] == names[name] { values[other] = value }
    return true
  }

  /// Parses the value of a requested field; nil if it is an array, an object or no number.
  ///
  /// - Parameter name: The name of the field in quotes, for messages.
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

  /// A number as the name of a class or document: 7.0 becomes 7; integers keep all their digits.
  private static func canonical(_ digits: UnsafeRawBufferPointer) -> [UInt8] {
    let isWhole = digits.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2d }
    if isWhole, !digits.elementsEqual("-0".utf8) { return [UInt8](digits) }
    guard let value = Double(String(decoding: digits, as: UTF8.self)) else {
      return [UInt8](digits)
    }
    return Array((Int(exactly: value).map(String.init) ?? String(value)).utf8)
  }
}
