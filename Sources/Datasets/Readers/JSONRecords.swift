import Diagnostics

/// Reads documents from JSON lines, one object each, for files and for standard input.
struct JSONRecords {
  private let reader: TextReader
  private var fields: JSONLine

  init(_ reader: TextReader) {
    self.reader = reader
    fields = JSONLine([reader.textColumn, reader.labelColumn, reader.idColumn])
  }

  /// Whether a line is a well-formed object.
  static func isObject(_ line: UnsafeRawBufferPointer) -> Bool {
    var fields = JSONLine([])
    return fields.parse(line)
  }

  /// Recognises a first line that begins JSON of another form: an array, or an object on several
  /// lines. Lines of text may begin with a bracket, too.
  ///
  /// - Returns: The form, and the filter by which `jq -c` converts it to JSON lines; nil for text.
  static func otherJSON(_ line: UnsafeRawBufferPointer) -> (found: String, filter: String)? {
    var scanner = JSONScanner()
    scanner.begin(line)
    guard scanner.skipSpace() else { return nil }
    let array = (found: "is a JSON array", filter: arrayFilter)
    if scanner.take(UInt8(ascii: "{")) {
      return scanner.skipSpace() ? nil : ("is a JSON object of several lines", objectFilter)
    }
    guard scanner.take(UInt8(ascii: "[")) else { return nil }
    if !scanner.skipSpace() || scanner.next == UInt8(ascii: "{") { return array }
    guard scanner.next == UInt8(ascii: "\"") else { return nil }
    scanner.begin(line)
    return scanner.skipValue() && !scanner.skipSpace() ? array : nil
  }

  private static let arrayFilter = "'.[]'"
  private static let objectFilter = "."

  /// Passes the document of a line to `sink`; a blank line has none.
  ///
  /// - Parameters:
  ///   - place: The location of the line in `path`, for messages.
  mutating func read(
    _ line: UnsafeRawBufferPointer, _ path: String, at place: () -> String,
    into sink: some DocumentSink
  ) throws {
    let line = Self.withoutMark(line)
    guard line.contains(where: { $0 != 0x20 && $0 != 0x09 }) else { return }
    guard fields.parse(line) else { throw failure(path, place()) }
    func require(_ isThere: Bool, _ field: String, _ option: String) throws {
      guard !isThere else { return }
      throw Failure.badInput(
        path, at: place(), "has no \"\(field)\"", hint: "name the field with \(option)")
    }
    try require(fields.has(0), reader.textColumn, "--text-column")
    if fields.invalidSequences > 0 { sink.note(invalidSequences: fields.invalidSequences) }
    fields.with(0) { if let text = $0 { sink.add(text) } }
    try fields.with(1) { label in
      try fields.with(2) { id in
        try require(id != nil || !reader.requiresColumns.id, reader.idColumn, "--id-column")
        try sink.endDocument(id: id, label: label.map(DocumentLabel.named) ?? .none)
      }
    }
  }

  private func failure(_ path: String, _ place: String) -> Failure {
    guard let problem = fields.problem else { return .badInput(path, at: place, "is no JSON") }
    func command(_ filter: String) -> String {
      let isPacked = path.lowercased().hasSuffix(".gz")
      let jq = "jq -c \(filter)"
      return "write an object a line: " + (isPacked ? "zcat \(path) | \(jq)" : "\(jq) \(path)")
    }
    let hint =
      switch problem.found {
      case "is a JSON array": command(Self.arrayFilter)
      case "ends inside a JSON object": command(Self.objectFilter)
      default: "each line is {\"id\": ..., \"text\": ..., \"label\": ...}"
      }
    return .badInput(path, at: "\(place), column \(problem.place + 1)", problem.found, hint: hint)
  }

  /// The line without a byte-order mark, which is inside a file if files were concatenated.
  private static func withoutMark(_ line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    line.starts(with: [0xef, 0xbb, 0xbf]) ? UnsafeRawBufferPointer(rebasing: line[3...]) : line
  }
}
