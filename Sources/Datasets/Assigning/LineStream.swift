import Diagnostics
import Glibc

/// Standard input or another pipe, a document a line: text, or, where the first line is a JSON
/// object, JSON lines. What has come is handed on when a batch is full or after a short wait, so
/// that a slow writer's documents do not lie about.
public final class LineStream: TextStream {
  private let descriptor: Int32
  private let name: String
  private let wait: Double
  private let lineLimit: Int
  private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
  private var (start, end) = (0, 0)
  private var line = 0
  private var isAtEnd = false
  private let sink = BatchSink()
  private let reader: TextReader
  /// Nil where lines are text.
  private var records: JSONRecords?

  /// - Parameters:
  ///   - reader: The names of the fields of JSON lines.
  ///   - name: For messages.
  ///   - wait: Seconds after a batch's first document until it is handed on.
  ///   - lineLimit: The longest line in bytes.
  public init(
    descriptor: Int32 = STDIN_FILENO, name: String = "standard input",
    reader: TextReader = TextReader(), wait: Double = 0.2, lineLimit: Int = LineReader.limit
  ) {
    self.reader = reader
    self.descriptor = descriptor
    self.name = name
    self.wait = wait
    self.lineLimit = lineLimit
  }

  deinit { buffer.deallocate() }

  public func next(upTo count: Int) throws -> TextBatch {
    var deadline = Double.infinity
    var scanned = start
    while sink.batch.count < count, !sink.hasEnough {
      if scanned < end, let hit = memchr(buffer.baseAddress! + scanned, 0x0a, end - scanned) {
        let stop = UnsafeRawPointer(hit) - UnsafeRawPointer(buffer.baseAddress!)
        try take(upTo: stop)
        start = stop + 1
        scanned = start
        continue
      }
      if isAtEnd {
        if start < end { try take(upTo: end) }
        start = end
        break
      }
      if sink.batch.count > 0 {
        if deadline == .infinity { deadline = Self.now + wait }
        guard try isReadable(before: deadline) else { break }
      }
      scanned = end - start
      try refill()
      if line == 0, start == 0 { try lookAtStart() }
    }
    return sink.take()
  }

  private func take(upTo stop: Int) throws {
    let last = stop > start && buffer[stop - 1] == 0x0d ? stop - 1 : stop
    let text = UnsafeRawBufferPointer(rebasing: buffer[start..<last])
    line += 1
    if line == 1 { try lookAtFirstLine(text) }
    if records == nil {
      sink.add(text)
      sink.endDocument(id: nil, label: .none)
    } else {
      try records!.read(text, name, at: { "line \(line)" }, into: sink)
    }
  }

  /// Chooses between lines of text and JSON lines.
  private func lookAtFirstLine(_ text: UnsafeRawBufferPointer) throws {
    if JSONRecords.isObject(text) {
      records = JSONRecords(reader)
    } else if let other = JSONRecords.otherJSON(text) {
      throw Failure.badInput(
        name, at: "line 1", other.found,
        hint: "write an object a line: jq -c \(other.filter) FILE | dec assign ... -")
    }
  }

  /// Skips a byte-order mark, and refuses what is no text.
  private func lookAtStart() throws {
    guard end < 2 || buffer[0] != 0x1f || buffer[1] != 0x8b else {
      throw Failure.badInput(
        name, at: "byte 0", "is gzipped", hint: "inflate it first: zcat FILE | dec assign ... -")
    }
    start = try TextStart.check(UnsafeRawBufferPointer(rebasing: buffer[..<end]), path: name)
  }

  private func isReadable(before deadline: Double) throws -> Bool {
    while true {
      let left = deadline - Self.now
      guard left > 0 else { return false }
      var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let code = poll(&request, 1, Int32((left * 1000).rounded(.up)))
      if code >= 0 { return code > 0 }
      if errno != EINTR { throw File.failure(name, "cannot be read") }
    }
  }

  /// Moves the unfinished line to the front, and grows the buffer where that line fills it.
  private func refill() throws {
    memmove(buffer.baseAddress!, buffer.baseAddress! + start, end - start)
    (start, end) = (0, end - start)
    if end == buffer.count {
      guard end < lineLimit else {
        throw LineReader.tooLong(name, at: "line \(line + 1)", lineLimit)
      }
      let larger = UnsafeMutableRawBufferPointer.allocate(
        byteCount: min(2 * buffer.count, lineLimit), alignment: 16)
      larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[..<end]))
      buffer.deallocate()
      buffer = larger
    }
    var count = -1
    while count < 0 {
      count = read(descriptor, buffer.baseAddress! + end, buffer.count - end)
      if count < 0, errno != EINTR { throw File.failure(name, "cannot be read") }
    }
    isAtEnd = count == 0
    end += count
  }

  private static var now: Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
  }
}
