import Diagnostics

/// One record of a CSV or TSV file in bytes. A quote opens a field only as the field's first
/// character (it may then hold separators, line ends and doubled quotes); anywhere else it is a
/// character like others, as Python's csv, pandas and cuDF read it.
struct TableRecord {
  private enum State {
    case fieldStart, plain, quoted
  }

  /// Fields so far: field i is `ends[i - 1] ..< ends[i]` of the bytes.
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
