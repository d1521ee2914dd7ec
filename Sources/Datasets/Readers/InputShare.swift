import Diagnostics
import Glibc

/// A file of the input, or the documents of it that begin in `range`.
struct InputPiece: Equatable {
  var file: Int
  /// The range in bytes; nil for the whole file.
  var range: Range<Int>?
}

/// The share of a corpus's files that one rank reads. Shares are contiguous. A divisible plain file
/// may be cut at any byte (readers skip to the next document); other files are read as a whole.
struct InputShare {
  private(set) var pieces: [InputPiece] = []
  /// The size of the share on disk, in bytes.
  private(set) var bytes = 0

  /// - Parameters:
  ///   - isDivisible: Whether a reader finds the next document from any offset of a file.
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
      // Small indivisible files need not be opened: that they may be gzipped hardly matters.
      let matters = isRegular && parts > 1 && (isDivisible(i) || size > 1 << 20)
      let isGzipped = matters ? try GzipOrPlainReader.isGzipped(file) : false
      // Gzip reduces text to about a quarter. Opening a file costs as much as reading 4 KiB.
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

/// Reads the lines that begin in the range of a piece, and further lines for a reader whose last
/// document is longer.
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
    // Start one byte earlier: the line that contains this byte belongs to the previous piece.
    base = max(0, range.lowerBound - 1)
    lines = try LineReader(path: path, range: base..<Int.max)
    if range.lowerBound > 0 { _ = try lines.next() }
  }

  /// Whether the piece begins inside the file.
  var beginsInside: Bool { (range?.lowerBound ?? 0) > 0 }

  /// The next line; nil at the end of the file.
  @inline(__always)
  func next() throws -> UnsafeRawBufferPointer? { try lines.next() }

  /// Whether the line last returned begins after the piece.
  var isBehind: Bool { range.map { base + lines.lineOffset >= $0.upperBound } ?? false }

  /// The bytes of the file that have been consumed for this piece.
  var consumed: Int { lines.reader.consumed - base }

  /// The location of a line for messages, counted from the start of the file.
  ///
  /// - Parameter number: The number of the line in the piece; nil for the line last returned.
  func line(_ number: Int? = nil) -> String {
    "line \((number ?? lines.line) + ((try? Self.newlines(path, before: base)) ?? 0))"
  }

  var number: Int { lines.line }

  private static func newlines(_ path: String, before end: Int) throws -> Int {
    guard end > 0 else { return 0 }
    let lines = try LineReader(path: path, range: 0..<end)
    var whole = 0
    while try lines.next() != nil { whole += 1 }
    // The last line continues after `end`, unless the byte before `end` ends it.
    let file = try File(reading: path)
    var byte: UInt8 = 0
    _ = try withUnsafeMutableBytes(of: &byte) { try file.read(into: $0, at: end - 1) }
    return byte == 0x0a ? whole : whole - 1
  }
}
