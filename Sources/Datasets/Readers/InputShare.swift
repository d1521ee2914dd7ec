import Diagnostics
import Glibc

/// A file of the input, or the part of one that begins in `range`.
struct InputPiece: Equatable {
  var file: Int
  /// Nil for the whole file.
  var range: Range<Int>?
}

/// How parts share the files of a corpus: one contiguous stretch each, plain files cut at any byte
/// (readers move on to the next document), others whole.
struct InputShare {
  private(set) var pieces: [InputPiece] = []
  /// Bytes on disk.
  private(set) var bytes = 0

  /// - Parameters:
  ///   - isDivisible: Whether documents of a file may be found from its middle.
  init(
    _ files: [String], part: Int, of parts: Int, isDivisible: (Int) -> Bool
  ) throws {
    var sizes: [(bytes: Int, weight: Int, isDivisible: Bool)] = []
    for (i, file) in files.enumerated() {
      guard let status = File.status(of: file) else {
        throw File.failure(file, "cannot be opened")
      }
      let size = Int(status.st_size)
      let isRegular = status.st_mode & S_IFMT == S_IFREG
      // Small files are whole whatever they hold.
      let matters = isRegular && parts > 1 && (isDivisible(i) || size > 1 << 20)
      let isGzipped = matters ? try GzipOrPlainReader.isGzipped(file) : false
      // Text shrinks to about a quarter; and opening a file costs as much as reading some bytes.
      sizes.append(
        (
          size, (isGzipped ? size * 4 : size) + 4096,
          isRegular && !isGzipped && isDivisible(i)
        ))
    }
    let total = sizes.reduce(0) { $0 + $1.weight }
    let mine = (total * part / parts)..<(total * (part + 1) / parts)
    var start = 0
    for (i, size) in sizes.enumerated() {
      defer { start += size.weight }
      if size.isDivisible, size.bytes > 0 {
        let low = min(max(mine.lowerBound - start, 0), size.bytes)
        let high =
          mine.upperBound >= start + size.weight
          ? size.bytes : min(mine.upperBound - start, size.bytes)
        guard low < high else { continue }
        pieces.append(InputPiece(file: i, range: low == 0 && high == size.bytes ? nil : low..<high))
        bytes += high - low
      } else if mine.contains(start + size.weight / 2) {
        pieces.append(InputPiece(file: i, range: nil))
        bytes += size.bytes
      }
    }
  }
}

/// Reads the lines of a piece: those that begin in its range, and on to the end of the file for a
/// reader whose last document goes on.
final class PieceReader {
  let path: String
  private let lines: LineReader
  private let range: Range<Int>?
  private let base: Int

  init(_ path: String, _ range: Range<Int>?) throws {
    self.path = path
    self.range = range
    guard let range else {
      base = 0
      lines = try LineReader(path: path)
      return
    }
    // From the byte before: the line that it ends, or is part of, is the previous piece's.
    base = max(0, range.lowerBound - 1)
    lines = try LineReader(path: path, range: base..<Int.max)
    if range.lowerBound > 0 { _ = try lines.next() }
  }

  /// Whether the piece begins inside the file.
  var beginsInside: Bool { (range?.lowerBound ?? 0) > 0 }

  /// The next line; nil at the end of the file.
  @inline(__always)
  func next() throws -> UnsafeRawBufferPointer? { try lines.next() }

  /// Whether the line last returned begins behind the piece.
  var isBehind: Bool { range.map { base + lines.lineOffset >= $0.upperBound } ?? false }

  /// Bytes of the file consumed of this piece.
  var consumed: Int { lines.reader.consumed - base }

  /// Lines returned so far, and those before the piece: the number that an error names.
  func line(_ number: Int? = nil) -> String {
    "line \((number ?? lines.line) + ((try? Self.newlines(path, before: base)) ?? 0))"
  }

  var number: Int { lines.line }

  private static func newlines(_ path: String, before end: Int) throws -> Int {
    guard end > 0 else { return 0 }
    let lines = try LineReader(path: path, range: 0..<end)
    var whole = 0
    while try lines.next() != nil { whole += 1 }
    // The byte at `end` continues the last line unless a line end came just before.
    let file = try File(reading: path)
    var byte: UInt8 = 0
    _ = try withUnsafeMutableBytes(of: &byte) { try file.read(into: $0, at: end - 1) }
    return byte == 0x0a ? whole : whole - 1
  }
}
