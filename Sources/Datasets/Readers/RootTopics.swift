import Diagnostics

/// Which of the root topics each document has, from a qrels file: lines of topic, document, 1.
final class RootTopics {
  /// Bits of the documents whose numbers are numbers, by number.
  private var numbered: [UInt64] = []
  /// Bits of the others.
  private var named: [[UInt8]: UInt64] = [:]

  /// Numbers up to here have a place of their own: 128 MiB at most.
  private static let limit = 1 << 24

  /// No document has any.
  init() {}

  /// - Throws: `Failure.badInput` with the line.
  init(_ path: String, roots: [String]) throws {
    let roots = roots.map { Array($0.utf8) }
    let lines = try LineReader(path: path)
    while let line = try lines.next() {
      var fields = (line, line, line)
      let count = Self.split(line, into: &fields)
      guard count == 3 else {
        throw Failure.badInput(
          path, at: "line \(lines.line)", "has \(count) fields",
          hint: "a line is topic, document number and 1")
      }
      if let root = roots.firstIndex(where: { fields.0.elementsEqual($0) }) { add(fields.1, 1 << UInt64(root)) }
    }
  }

  /// The roots of a document, as bits.
  func bits(_ id: UnsafeRawBufferPointer) -> UInt64 {
    if let number = Self.number(id) { return number < numbered.count ? numbered[number] : 0 }
    return named.isEmpty ? 0 : named[Array(id)] ?? 0
  }

  private func add(_ id: UnsafeRawBufferPointer, _ bit: UInt64) {
    if let number = Self.number(id) {
      if number >= numbered.count {
        numbered += [UInt64](
          repeating: 0, count: max(number + 1, numbered.count * 3 / 2) - numbered.count)
      }
      numbered[number] |= bit
    } else {
      named[Array(id), default: 0] |= bit
    }
  }

  /// The number that `id` is the decimal writing of, below the limit.
  private static func number(_ id: UnsafeRawBufferPointer) -> Int? {
    guard (1...8).contains(id.count), id[0] != 0x30 else { return nil }
    var number = 0
    for byte in id {
      guard (0x30...0x39).contains(byte) else { return nil }
      number = number * 10 + Int(byte - 0x30)
    }
    return number < limit ? number : nil
  }

  /// - Returns: How many fields there are; the first three are in `fields`.
  private static func split(
    _ line: UnsafeRawBufferPointer,
    into fields: inout (UnsafeRawBufferPointer, UnsafeRawBufferPointer, UnsafeRawBufferPointer)
  ) -> Int {
    var count = 0
    var i = 0
    while i < line.count {
      if line[i] == 0x20 {
        i += 1
        continue
      }
      let start = i
      while i < line.count, line[i] != 0x20 { i += 1 }
      let field = UnsafeRawBufferPointer(rebasing: line[start..<i])
      switch count {
      case 0: fields.0 = field
      case 1: fields.1 = field
      case 2: fields.2 = field
      default: break
      }
      count += 1
    }
    return count
  }
}
