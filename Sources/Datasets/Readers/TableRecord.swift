import Diagnostics

/// One record of a CSV or TSV file. A quote opens a quoted field only as its first character; the
/// field may then contain separators, line ends and doubled quotes. Anywhere else a quote is an
/// ordinary character, as in Python's csv, pandas and cuDF.
struct TableRecord {
  private enum State {
    case fieldStart, plain, quoted
  }

  /// The ends of the fields: field i is `bytes[ends[i - 1] ..< ends[i]]`.
  private(set) var ends: [Int] = []
  private var bytes: [UInt8] = []
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
    let start = lines.number
    var state = State.fieldStart
    split(first, &state)
    while state == .quoted {
      guard let more = try lines.next() else {
        throw Failure.badInput(
          lines.path, at: lines.line(start), "begins a quote that never ends",
          hint: "double the quotes of a field that begins with one, and quote the field")
      }
      bytes.append(0x0a)
      split(more, &state)
      guard bytes.count <= LineReader.limit else {
        throw Failure.badInput(
          lines.path, at: lines.line(start),
          "begins a quote that has not ended after \(LineReader.limit >> 20) MiB",
          hint: "double the quotes of a field that begins with one, and quote the field")
      }
    }
    ends.append(bytes.count)
    return true
  }

  private mutating func split(_ line: UnsafeRawBufferPointer, _ state: inout State) {
    var i = 0
    while i < line.count {
      let byte = line[i]
      i += 1
      if state == .quoted {
        guard byte == 0x22 else {
          bytes.append(byte)
          continue
        }
        if i < line.count, line[i] == 0x22 {
          bytes.append(0x22)
          i += 1
        } else {
          state = .plain
        }
      } else if byte == separator {
        ends.append(bytes.count)
        state = .fieldStart
      } else if byte == 0x22, state == .fieldStart {
        state = .quoted
      } else {
        bytes.append(byte)
        state = .plain
      }
    }
  }
}
