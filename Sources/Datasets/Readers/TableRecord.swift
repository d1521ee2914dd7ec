import Diagnostics

/// One record of a CSV or TSV file in bytes (RFC 4180: quotes may hold separators, line ends and doubled
/// quotes).
struct TableRecord {
  /// Fields so far: field i is `ends[i - 1] ..< ends[i]` of the bytes.
  private(set) var ends: [Int] = []
  private var bytes: [UInt8] = []
  private var raw: [UInt8] = []
  private let separator: UInt8

  init(separator: UInt8) { self.separator = separator }

  var count: Int { ends.count }
  var isBlank: Bool { count == 1 && ends[0] == 0 }

  func with<T>(_ i: Int, _ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
    try bytes.withUnsafeBytes {
      try body(UnsafeRawBufferPointer(rebasing: $0[(i == 0 ? 0 : ends[i - 1])..<ends[i]]))
    }
  }

  func text(_ i: Int) -> String { with(i) { String(decoding: $0, as: UTF8.self) } }

  /// Reads the next record; false at the end of the file.
  mutating func read(_ lines: PieceReader) throws -> Bool {
    guard let first = try lines.next() else { return false }
    ends.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
    if first.allSatisfy({ $0 != 0x22 }) {
      split(first)
      return true
    }
    let start = lines.number
    raw.removeAll(keepingCapacity: true)
    raw.append(contentsOf: first)
    var quotes = first.count { $0 == 0x22 }
    while quotes % 2 == 1 {
      guard let more = try lines.next() else {
        throw Failure.badInput(
          lines.path, at: lines.line(start), "begins a quote that never ends")
      }
      raw.append(0x0a)
      raw.append(contentsOf: more)
      quotes += more.count { $0 == 0x22 }
    }
    let whole = raw
    whole.withUnsafeBytes { split($0) }
    return true
  }

  private mutating func split(_ line: UnsafeRawBufferPointer) {
    var isQuoted = false
    var i = 0
    while i < line.count {
      let byte = line[i]
      if byte == 0x22 {
        if isQuoted, i + 1 < line.count, line[i + 1] == 0x22 {
          bytes.append(0x22)
          i += 1
        } else {
          isQuoted.toggle()
        }
      } else if byte == separator, !isQuoted {
        ends.append(bytes.count)
      } else {
        bytes.append(byte)
      }
      i += 1
    }
    ends.append(bytes.count)
  }
}
