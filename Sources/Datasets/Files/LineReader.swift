import Diagnostics
import Glibc

/// Reads a file line by line as bytes, without making Strings. A byte-order mark at the start is
/// skipped; a file that is not text is refused (`TextStart`).
public final class LineReader {
  let reader: GzipOrPlainReader
  /// The number of the line last returned: 1 for the first line that was read.
  public private(set) var line = 0
  /// The offset of the line last returned, in decompressed bytes from where reading began.
  private(set) var lineOffset = 0

  /// The longest line in bytes. A megabyte of gzip may hold a line of a gigabyte.
  public static let limit = 1 << 26

  private let limit: Int
  /// The offset in the file at which reading began.
  private let base: Int
  private var buffer: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0
  private var bufferOffset = 0
  private var isExhausted = false
  /// Whether the first bytes of the file have not been read yet.
  private var isAtStart: Bool
  /// Advanced by the bytes of the file as they are consumed; nil if the caller counts them.
  private let progress: ReadingProgress?
  private var told = 0

  init(
    _ reader: GzipOrPlainReader, isAtStart: Bool = true, progress: ReadingProgress? = nil,
    limit: Int = LineReader.limit, base: Int = 0
  ) {
    self.limit = limit
    self.base = base
    self.reader = reader
    self.isAtStart = isAtStart
    self.progress = progress
    buffer = .allocate(byteCount: 1 << 20, alignment: 16)
  }

  public convenience init(path: String) throws { try self.init(path: path, range: nil) }

  convenience init(path: String, progress: ReadingProgress) throws {
    self.init(try GzipOrPlainReader(path, range: nil), progress: progress)
  }

  convenience init(path: String, range: Range<Int>?) throws {
    self.init(
      try GzipOrPlainReader(path, range: range), isAtStart: (range?.lowerBound ?? 0) == 0,
      base: range?.lowerBound ?? 0)
  }

  deinit { buffer.deallocate() }

  /// The next line without its end (`\n` or `\r\n`), valid until the next call; nil at the end of
  /// the file.
  public func next() throws -> UnsafeRawBufferPointer? {
    var scanned = start
    while true {
      if scanned < end, let hit = memchr(buffer.baseAddress! + scanned, 0x0a, end - scanned) {
        let stop = UnsafeRawPointer(hit) - UnsafeRawPointer(buffer.baseAddress!)
        return take(upTo: stop, next: stop + 1)
      }
      scanned = end
      if isExhausted { return start < end ? take(upTo: end, next: end) : nil }
      let moved = start
      try refill()
      scanned -= moved
    }
  }

  private func take(upTo stop: Int, next: Int) -> UnsafeRawBufferPointer {
    line += 1
    lineOffset = bufferOffset + start
    var last = stop
    if last > start, buffer[last - 1] == 0x0d { last -= 1 }
    defer { start = next }
    return UnsafeRawBufferPointer(rebasing: buffer[start..<last])
  }

  static func tooLong(_ path: String, at location: String, _ limit: Int) -> Failure {
    Failure.badInput(
      path, at: location, "a line has more than \(limit >> 20) MiB",
      hint: "is the file damaged, or without line ends? Split it")
  }

  /// Moves the incomplete line to the front of the buffer, or enlarges the buffer if the line fills
  /// it, and reads on.
  private func refill() throws {
    if start > 0 {
      memmove(buffer.baseAddress!, buffer.baseAddress! + start, end - start)
      bufferOffset += start
      end -= start
      start = 0
    } else if end == buffer.count {
      guard end < limit else {
        // Lines are counted from where reading began.
        throw Self.tooLong(
          reader.path, at: base == 0 ? "line \(line + 1)" : "byte \(base + bufferOffset)", limit)
      }
      let larger = UnsafeMutableRawBufferPointer.allocate(
        byteCount: min(buffer.count * 2, limit), alignment: 16)
      larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[..<end]))
      buffer.deallocate()
      buffer = larger
    }
    let count = try reader.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[end...]))
    if count == 0 { isExhausted = true }
    if let progress {
      progress.advance(to: progress.done + reader.consumed - told)
      told = reader.consumed
    }
    end += count
    guard isAtStart else { return }
    isAtStart = false
    start = try TextStart.check(
      UnsafeRawBufferPointer(rebasing: buffer[..<end]), path: reader.path,
      isGzipped: reader.isGzipped)
  }
}
