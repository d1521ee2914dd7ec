import Diagnostics

/// Reads raw text: folders of text files (a subfolder is a class), folders of JSON lines, CSV or
/// TSV files, and such files themselves. Any file may be gzipped.
public struct TextReader {
  public var textColumn = "text"
  /// The column or field of the class; nil to ignore classes.
  public var labelColumn: String? = "label"
  public var idColumn = "id"
  /// Whether the columns were named by the user, and must exist.
  public var requiresColumns = (label: false, id: false)
  /// Whether each line of a text file is a document; otherwise the whole file is one.
  public var readsLines = false

  public init() {}

  /// Opens the inputs for reading in shares. Folders are listed now.
  package func source(_ inputs: [String]) throws -> TextSource {
    try TextSource(reader: self, inputs: inputs)
  }

  /// A note for the user if a text file is read as one document, which may not be intended; nil
  /// otherwise.
  public func note(on inputs: [String]) -> String? {
    guard !readsLines else { return nil }
    return inputs.first { TextFiles.form(of: $0) == .text && !File.isFolder($0) }
      .map { "\(PathName.shown($0)) is read as one document; --lines reads a document a line" }
  }
}

package struct TextSource: DocumentSource {
  private let reader: TextReader
  private let inputs: [String]
  private let files: [TextFiles.Entry]

  package var classNames: [String]? { nil }
  package var paths: [String] { files.map(\.path) }

  package var emptiness: Failure {
    Failure.badInput(inputs.joined(separator: " "), "holds no documents")
  }

  package var unlabelled: Failure? {
    guard reader.requiresColumns.label, let label = reader.labelColumn else { return nil }
    return Failure.badInput(
      inputs.joined(separator: " "), "no document has a class in \"\(label)\"",
      hint: "name the column or field with --label-column")
  }

  init(reader: TextReader, inputs: [String]) throws {
    self.reader = reader
    self.inputs = inputs
    files = try TextFiles.list(inputs)
  }

  package func read(
    part: Int, of parts: Int, into sink: some DocumentSink, progress: ReadingProgress
  ) throws {
    // A quoted field may contain line ends, so a table cannot be divided among ranks.
    let share = try InputShare(paths, part: part, of: parts) {
      files[$0].form == .json || files[$0].form == .text && reader.readsLines
    }
    progress.total = share.bytes
    var done = 0
    for piece in share.pieces {
      let file = files[piece.file]
      let lines = try PieceReader(file.path, piece.range)
      let advance = { progress.advance(to: done + lines.consumed) }
      switch file.form {
      case .json: try readJSONLines(lines, into: sink, advance)
      case .comma: try readTable(lines, separator: 0x2c, into: sink, advance)
      case .tab: try readTable(lines, separator: 0x09, into: sink, advance)
      case .text where reader.readsLines: try readLines(lines, file, into: sink, advance)
      case .text: try readDocument(lines, file, into: sink, advance)
      }
      done += lines.consumed
    }
  }

  private func readDocument(
    _ lines: PieceReader, _ file: TextFiles.Entry, into sink: some DocumentSink,
    _ advance: () -> Void
  ) throws {
    while let line = try lines.next() { sink.add(line) }
    advance()
    try Array(file.id.utf8).withUnsafeBytes { id in
      try Array(file.className.utf8).withUnsafeBytes {
        try sink.endDocument(id: id, label: .named($0))
      }
    }
  }

  private func readLines(
    _ lines: PieceReader, _ file: TextFiles.Entry, into sink: some DocumentSink,
    _ advance: () -> Void
  ) throws {
    try Array(file.className.utf8).withUnsafeBytes { name in
      while let line = try lines.next(), !lines.isBehind {
        sink.add(line)
        try sink.endDocument(id: nil, label: .named(name))
        advance()
      }
    }
  }

  private func readJSONLines(
    _ lines: PieceReader, into sink: some DocumentSink, _ advance: () -> Void
  ) throws {
    var records = JSONRecords(reader)
    while let line = try lines.next(), !lines.isBehind {
      try records.read(line, lines.path, at: { lines.line() }, into: sink)
      advance()
    }
  }

  // MARK: CSV and TSV

  private func readTable(
    _ lines: PieceReader, separator: UInt8, into sink: some DocumentSink, _ advance: () -> Void
  ) throws {
    var record = TableRecord(separator: separator)
    guard try record.read(lines) else {
      throw Failure.badInput(lines.path, "is empty", hint: "its first line names the columns")
    }
    let header = (0..<record.count).map { record.text($0) }
    func column(_ name: String?, required: Bool) throws -> Int? {
      guard let name else { return nil }
      if let place = header.firstIndex(of: name) {
        guard header.lastIndex(of: name) == place else {
          throw Failure.badInput(
            lines.path, at: "line 1", "has two columns \"\(name)\"", hint: "rename one of them")
        }
        return place
      }
      guard required else { return nil }
      throw Failure.badInput(
        lines.path, at: "line 1",
        "has no column \"\(name)\" among \(header.prefix(20).joined(separator: ", "))",
        hint: "name it with --text-column, --label-column, --id-column")
    }
    let text = try column(reader.textColumn, required: true)!
    let label = try column(reader.labelColumn, required: reader.requiresColumns.label)
    let id = try column(reader.idColumn, required: reader.requiresColumns.id)
    while true {
      let start = lines.number + 1
      guard try record.read(lines) else { break }
      if record.isBlank { continue }
      guard record.count == header.count else {
        throw Failure.badInput(
          lines.path, at: lines.line(start),
          "has \(record.count) fields, the header \(header.count)")
      }
      record.with(text) { sink.add($0) }
      func end(_ id: UnsafeRawBufferPointer?) throws {
        guard let label else { return try sink.endDocument(id: id, label: .none) }
        try record.with(label) { try sink.endDocument(id: id, label: .named($0)) }
      }
      if let id { try record.with(id) { try end($0) } } else { try end(nil) }
      advance()
    }
  }
}
