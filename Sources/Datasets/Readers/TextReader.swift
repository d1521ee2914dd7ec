import Diagnostics

/// Raw text: a folder of folders (each a class), a folder of files, `.txt` files, JSON lines, CSV or TSV; any
/// file may be gzipped.
public struct TextReader {
  public var textColumn = "text"
  public var labelColumn = "label"
  public var idColumn = "id"
  /// Whether the columns were named by the user, and must be there.
  public var requiresColumns = (label: false, id: false)

  public init() {}

  /// The inputs, to be read share by share; folders are listed now.
  package func source(_ inputs: [String]) throws -> TextSource {
    try TextSource(reader: self, inputs: inputs)
  }
}

package struct TextSource: DocumentSource {
  private enum Form: UInt8 {
    case lines, comma, tab
    /// A file is a document; its id is the path behind the folder, its class the folder between.
    case document
  }

  private let reader: TextReader
  private let inputs: [String]
  private var files: [String] = []
  private var forms: [Form] = []
  /// Of a document: where its id begins in the path, in bytes, and how long its class is.
  private var idStarts: [Int32] = []
  private var classLengths: [Int32] = []

  package var classNames: [String]? { nil }

  package var emptiness: Failure {
    Failure.badInput(inputs.joined(separator: " "), "holds no documents")
  }

  init(reader: TextReader, inputs: [String]) throws {
    self.reader = reader
    self.inputs = inputs
    for input in inputs {
      if File.isFolder(input) {
        try list(input)
        continue
      }
      guard File.exists(input) else { throw Failure.io(input, "does not exist") }
      guard let form = Self.form(of: input) else {
        throw Failure.badInput(
          input, "is neither a folder nor .txt, .jsonl, .csv or .tsv",
          hint: "see --help for the inputs")
      }
      let name = input.utf8.lastIndex(of: 0x2f).map { input.utf8.index(after: $0) }
      append(
        input, form,
        idStart: input.utf8.distance(
          from: input.utf8.startIndex, to: name ?? input.utf8.startIndex))
    }
  }

  private static func form(of path: String) -> Form? {
    let plain = path.hasSuffix(".gz") ? String(path.dropLast(3)) : path
    let forms: [(String, Form)] = [
      (".jsonl", .lines), (".json", .lines), (".csv", .comma), (".tsv", .tab), (".txt", .document),
    ]
    return forms.first { plain.hasSuffix($0.0) }?.1
  }

  /// Whether an input is a folder, or a file whose name says what it holds.
  static func takes(_ input: String) -> Bool { File.isFolder(input) || form(of: input) != nil }

  private mutating func append(
    _ path: String, _ form: Form, idStart: Int = 0, classLength: Int = 0
  ) {
    files.append(path)
    forms.append(form)
    idStarts.append(Int32(idStart))
    classLengths.append(Int32(classLength))
  }

  private mutating func list(_ folder: String) throws {
    let idStart = folder.utf8.count + 1
    for entry in try File.names(in: folder) where !entry.hasPrefix(".") {
      let path = "\(folder)/\(entry)"
      guard File.isFolder(path) else {
        append(path, .document, idStart: idStart)
        continue
      }
      for file in try File.names(in: path) where !file.hasPrefix(".") {
        guard !File.isFolder("\(path)/\(file)") else {
          throw Failure.badInput(
            "\(path)/\(file)", "is a third level of folders",
            hint: "folders hold classes, classes hold files")
        }
        append("\(path)/\(file)", .document, idStart: idStart, classLength: entry.utf8.count)
      }
    }
  }

  package func read(
    part: Int, of parts: Int, into sink: some DocumentSink, progress: ReadingProgress
  ) throws {
    // A quote may hold line ends, so that only JSON lines can be cut.
    let share = try InputShare(files, part: part, of: parts) { forms[$0] == .lines }
    progress.total = share.bytes
    var done = 0
    for piece in share.pieces {
      let lines = try PieceReader(files[piece.file], piece.range)
      let advance = { progress.advance(to: done + lines.consumed) }
      switch forms[piece.file] {
      case .lines: try readJSONLines(lines, into: sink, advance)
      case .comma: try readTable(lines, separator: 0x2c, into: sink, advance)
      case .tab: try readTable(lines, separator: 0x09, into: sink, advance)
      case .document: try readDocument(lines, piece.file, into: sink, advance)
      }
      done += lines.consumed
    }
  }

  private func readDocument(
    _ lines: PieceReader, _ file: Int, into sink: some DocumentSink, _ advance: () -> Void
  ) throws {
    while let line = try lines.next() { sink.add(line) }
    advance()
    let path = Array(files[file].utf8)
    try path.withUnsafeBytes { path in
      let id = UnsafeRawBufferPointer(rebasing: path[Int(idStarts[file])...])
      let name = UnsafeRawBufferPointer(rebasing: id[..<Int(classLengths[file])])
      try sink.endDocument(id: id, label: name.isEmpty ? .none : .name(name))
    }
  }

  // MARK: JSON lines

  private func readJSONLines(
    _ lines: PieceReader, into sink: some DocumentSink, _ advance: () -> Void
  ) throws {
    var fields = JSONLine([reader.textColumn, reader.labelColumn, reader.idColumn])
    while let line = try lines.next() {
      if lines.isBehind { break }
      let line = lines.isFirst ? Self.withoutMark(line) : line
      guard line.contains(where: { $0 != 0x20 && $0 != 0x09 }) else { continue }
      guard fields.parse(line) else {
        throw Failure.badInput(
          lines.path, at: lines.line(), "is no JSON object with plain values",
          hint: "each line is {\"id\": ..., \"text\": ..., \"label\": ...}")
      }
      let hasText = fields.with(0) { text in
        if let text { sink.add(text) }
        return text != nil
      }
      guard hasText else {
        throw Failure.badInput(
          lines.path, at: lines.line(), "has no \"\(reader.textColumn)\"",
          hint: "name the field with --text-column")
      }
      if fields.invalidSequences > 0 { sink.note(invalidSequences: fields.invalidSequences) }
      try fields.with(1) { label in
        try fields.with(2) { id in
          guard id != nil || !reader.requiresColumns.id else {
            throw Failure.badInput(
              lines.path, at: lines.line(), "has no \"\(reader.idColumn)\"",
              hint: "name the field with --id-column")
          }
          try sink.endDocument(id: id, label: label.map { .name($0) } ?? .none)
        }
      }
      advance()
    }
  }

  /// A line without a byte-order mark.
  private static func withoutMark(_ line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let hasMark = line.count >= 3 && line[0] == 0xef && line[1] == 0xbb && line[2] == 0xbf
    return hasMark ? UnsafeRawBufferPointer(rebasing: line[3...]) : line
  }

  // MARK: CSV and TSV

  private func readTable(
    _ lines: PieceReader, separator: UInt8, into sink: some DocumentSink, _ advance: () -> Void
  ) throws {
    var record = TableRecord(separator: separator)
    guard try record.read(lines) else {
      throw Failure.badInput(lines.path, "is empty", hint: "its first line names the columns")
    }
    var header = (0..<record.count).map { record.text($0) }
    if header[0].unicodeScalars.first == "\u{feff}" {
      header[0] = String(header[0].unicodeScalars.dropFirst())
    }
    func column(_ name: String, required: Bool) throws -> Int? {
      if let place = header.firstIndex(of: name) { return place }
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
        try record.with(label) { try sink.endDocument(id: id, label: .name($0)) }
      }
      if let id { try record.with(id) { try end($0) } } else { try end(nil) }
      advance()
    }
  }
}
