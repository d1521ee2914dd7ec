import Diagnostics

/// The documents of text files, one after the other and unlabelled: folders of texts, `.txt`, JSON
/// lines, CSV, TSV, RCV1's token files; any may be gzipped. Holds a file's name and a batch at a time.
public final class DocumentFiles: TextStream {
  /// How files are read.
  public struct Columns: Sendable {
    public var text = "text"
    public var id = "id"
    /// Whether `id` was named by the user, and must be there.
    public var requiresID = false

    public init() {}
  }

  private var paths: [(path: String, id: String?)] = []
  private let columns: Columns
  private let areTokenFiles: Bool
  private var opened = 0
  private var current: (any DocumentFile)?
  private var count = 0

  /// Looks at the inputs, and lists folders.
  ///
  /// - Parameter areTokenFiles: Whether files of no other kind are RCV1's token files.
  public init(_ inputs: [String], columns: Columns, areTokenFiles: Bool) throws {
    self.columns = columns
    self.areTokenFiles = areTokenFiles
    for input in inputs {
      if File.isFolder(input) {
        try list(input)
      } else {
        guard File.exists(input) else { throw Failure.io(input, "does not exist") }
        _ = try kind(of: input)
        paths.append((input, nil))
      }
    }
  }

  private func list(_ folder: String) throws {
    for entry in try File.names(in: folder) where !entry.hasPrefix(".") {
      let path = "\(folder)/\(entry)"
      guard File.isFolder(path) else {
        paths.append((path, entry))
        continue
      }
      for file in try File.names(in: path) where !file.hasPrefix(".") {
        guard !File.isFolder("\(path)/\(file)") else {
          throw Failure.badInput(
            "\(path)/\(file)", "is a third level of folders",
            hint: "folders hold classes, classes hold files")
        }
        paths.append(("\(path)/\(file)", "\(entry)/\(file)"))
      }
    }
  }

  private enum Kind {
    case text, jsonLines
    case table(separator: UInt8)
    case tokens
  }

  private func kind(of path: String) throws -> Kind {
    let plain = path.hasSuffix(".gz") ? path.dropLast(3) : path[...]
    if plain.hasSuffix(".jsonl") || plain.hasSuffix(".json") { return .jsonLines }
    if plain.hasSuffix(".csv") { return .table(separator: 0x2c) }
    if plain.hasSuffix(".tsv") { return .table(separator: 0x09) }
    if plain.hasSuffix(".txt") { return .text }
    if areTokenFiles { return .tokens }
    throw Failure.badInput(
      path, "is neither a folder nor .txt, .jsonl, .csv, .tsv or .npy",
      hint: "pipe documents, one a line, into dec assign with - for the input")
  }

  public func next(upTo wanted: Int) throws -> TextBatch {
    var batch = TextBatch()
    while batch.count < wanted, batch.bytes.count < TextBatch.enough {
      if current == nil {
        guard opened < paths.count else { break }
        let (path, id) = paths[opened]
        opened += 1
        current = try open(path, id: id)
      }
      if try current!.next(number: count, into: &batch) { count += 1 } else { current = nil }
    }
    return batch
  }

  private func open(_ path: String, id: String?) throws -> any DocumentFile {
    // Whatever is in a folder is a text.
    if let id { return try WholeText(path, id: id) }
    switch try kind(of: path) {
    case .text:
      return try WholeText(path, id: path.split(separator: "/").last.map(String.init) ?? path)
    case .jsonLines: return try JSONLines(path, columns)
    case .table(let separator): return try Table(path, separator: separator, columns)
    case .tokens: return try TokenFile(path)
    }
  }
}

/// One file at work.
protocol DocumentFile: AnyObject {
  /// Adds the next document to `batch`; `number` names it where it has no id. False at the end.
  func next(number: Int, into batch: inout TextBatch) throws -> Bool
}

/// A file that is one document.
private final class WholeText: DocumentFile {
  private let lines: LineReader
  private let id: String
  private var isRead = false

  init(_ path: String, id: String) throws {
    lines = try LineReader(path: path)
    self.id = id
  }

  func next(number: Int, into batch: inout TextBatch) throws -> Bool {
    guard !isRead else { return false }
    isRead = true
    batch.beginDocument(id: id.utf8)
    while let line = try lines.next() {
      batch.bytes.append(contentsOf: line)
      batch.bytes.append(0x0a)
    }
    batch.endDocument()
    return true
  }
}

/// RCV1's token files: `.I id`, `.W`, then lines of stems.
private final class TokenFile: DocumentFile {
  private let path: String
  private let lines: LineReader
  /// The id of the document that begins with the line read last.
  private var id: String?

  init(_ path: String) throws {
    self.path = path
    lines = try LineReader(path: path)
  }

  func next(number: Int, into batch: inout TextBatch) throws -> Bool {
    if id == nil {
      repeat {
        guard let line = try lines.next() else { return false }
        id = try self.id(in: line)
        if id == nil, line.contains(where: { $0 != 0x20 }) { throw unexpected(line, ".I") }
      } while id == nil
    }
    batch.beginDocument(id: id!.utf8)
    let name = id!
    id = nil
    var isInText = false
    while let line = try lines.next() {
      if let next = try self.id(in: line) {
        guard isInText else { throw unexpected(line, ".W") }
        id = next
        break
      }
      if line.elementsEqual(".W".utf8) || line.elementsEqual(".W ".utf8) {
        guard !isInText else { throw unexpected(line, ".I") }
        isInText = true
      } else if isInText {
        batch.bytes.append(contentsOf: line)
        batch.bytes.append(0x0a)
      } else if line.contains(where: { $0 != 0x20 }) {
        throw unexpected(line, ".W")
      }
    }
    guard isInText else {
      throw Failure.badInput(
        path, at: "line \(lines.line)", "ends before the .W of document \(name)",
        hint: "is the file cut short?")
    }
    batch.endDocument()
    return true
  }

  /// The number in a line `.I number`; nil where the line is another.
  private func id(in line: UnsafeRawBufferPointer) throws -> String? {
    guard line.count >= 2, line[0] == 0x2e, line[1] == 0x49, line.count == 2 || line[2] == 0x20
    else { return nil }
    let words = String(decoding: line.dropFirst(2), as: UTF8.self).split(separator: " ")
    guard words.count == 1 else { throw unexpected(line, ".I number") }
    return String(words[0])
  }

  private func unexpected(_ line: UnsafeRawBufferPointer, _ due: String) -> Failure {
    let found = String(decoding: line.prefix(40), as: UTF8.self)
    return .badInput(
      path, at: "line \(lines.line)", "is \"\(found)\" where a \(due) is due",
      hint: "each document is .I, .W, then its stems")
  }
}
