import Diagnostics
import FoundationEssentials

/// Raw text: a folder of folders (each a class), a folder of files, JSON lines, CSV or TSV; any file may
/// be gzipped.
public struct TextReader {
  public var textColumn = "text"
  public var labelColumn = "label"
  public var idColumn = "id"
  /// Whether the columns were named by the user, and must be there.
  public var requiresColumns = (label: false, id: false)

  public init() {}

  /// Reads the inputs in order.
  ///
  /// - Throws: `Failure.badInput` with file and line.
  public func read(_ inputs: [String], into counts: TermCounts) throws -> Corpus {
    var corpus = Corpus()
    var names: [String] = []
    for input in inputs {
      if File.isFolder(input) {
        try readFolder(input, into: counts, &corpus, &names)
      } else {
        let plain = input.hasSuffix(".gz") ? String(input.dropLast(3)) : input
        if plain.hasSuffix(".jsonl") || plain.hasSuffix(".json") {
          try readJSONLines(input, into: counts, &corpus, &names)
        } else if plain.hasSuffix(".csv") || plain.hasSuffix(".tsv") {
          try readTable(
            input, separator: plain.hasSuffix(".tsv") ? 0x09 : 0x2c, into: counts, &corpus, &names)
        } else if File.exists(input) {
          throw Failure.badInput(
            input, "is neither a folder nor .jsonl, .csv or .tsv",
            hint: "see dec prepare text --help")
        } else {
          throw Failure.io(input, "does not exist")
        }
      }
    }
    guard corpus.count > 0 else {
      throw Failure.badInput(inputs.joined(separator: " "), "holds no documents")
    }
    corpus.setLabels(named: names)
    return corpus
  }

  private func readFolder(
    _ folder: String, into counts: TermCounts, _ corpus: inout Corpus, _ names: inout [String]
  ) throws {
    let entries = try File.names(in: folder).filter { !$0.hasPrefix(".") }
    for entry in entries {
      let path = "\(folder)/\(entry)"
      if File.isFolder(path) {
        for file in try File.names(in: path) where !file.hasPrefix(".") {
          guard !File.isFolder("\(path)/\(file)") else {
            throw Failure.badInput(
              "\(path)/\(file)", "is a third level of folders",
              hint: "folders hold classes, classes hold files")
          }
          try readFile(
            "\(path)/\(file)", id: "\(entry)/\(file)", label: entry, into: counts, &corpus, &names)
        }
      } else {
        try readFile(path, id: entry, label: "", into: counts, &corpus, &names)
      }
    }
  }

  private func readFile(
    _ path: String, id: String, label: String, into counts: TermCounts, _ corpus: inout Corpus,
    _ names: inout [String]
  ) throws {
    let lines = try LineReader(path: path)
    while let line = try lines.next() { counts.add(line) }
    counts.endDocument()
    corpus.append(id: id, label: -1)
    names.append(label)
  }

  // MARK: JSON lines

  private struct Value: Decodable {
    var text: String

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let text = try? value.decode(String.self) {
        self.text = text
      } else if let number = try? value.decode(Int.self) {
        text = String(number)
      } else if let number = try? value.decode(Double.self) {
        text = String(number)
      } else if value.decodeNil() {
        text = ""
      } else {
        throw DecodingError.typeMismatch(
          String.self, DecodingError.Context(codingPath: decoder.codingPath, debugDescription: ""))
      }
    }
  }

  private struct Line: Decodable {
    var fields: [String: Value] = [:]

    private struct Key: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    static let wanted = CodingUserInfoKey(rawValue: "wanted")!

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Key.self)
      for name in decoder.userInfo[Self.wanted] as? [String] ?? [] {
        fields[name] = try values.decodeIfPresent(Value.self, forKey: Key(stringValue: name))
      }
    }
  }

  private func readJSONLines(
    _ path: String, into counts: TermCounts, _ corpus: inout Corpus, _ names: inout [String]
  ) throws {
    let decoder = JSONDecoder()
    decoder.userInfo[Line.wanted] = [textColumn, labelColumn, idColumn]
    let lines = try LineReader(path: path)
    while let bytes = try lines.next() {
      guard bytes.contains(where: { $0 != 0x20 && $0 != 0x09 }) else { continue }
      guard let line = try? decoder.decode(Line.self, from: Data(bytes)) else {
        throw Failure.badInput(
          path, at: "line \(lines.line)", "is no JSON object with plain values",
          hint: "each line is {\"id\": ..., \"text\": ..., \"label\": ...}")
      }
      guard let text = line.fields[textColumn] else {
        throw Failure.badInput(
          path, at: "line \(lines.line)", "has no \"\(textColumn)\"",
          hint: "name the field with --text-column")
      }
      counts.add(text.text)
      counts.endDocument()
      corpus.append(id: line.fields[idColumn]?.text ?? "\(corpus.count)", label: -1)
      names.append(line.fields[labelColumn]?.text ?? "")
    }
  }

  // MARK: CSV and TSV

  private func readTable(
    _ path: String, separator: UInt8, into counts: TermCounts, _ corpus: inout Corpus,
    _ names: inout [String]
  ) throws {
    let lines = try LineReader(path: path)
    guard let header = try record(lines, path, separator) else {
      throw Failure.badInput(path, "is empty", hint: "its first line names the columns")
    }
    func column(_ name: String, required: Bool) throws -> Int? {
      if let place = header.firstIndex(of: name) { return place }
      guard required else { return nil }
      throw Failure.badInput(
        path, at: "line 1",
        "has no column \"\(name)\" among \(header.prefix(20).joined(separator: ", "))",
        hint: "name it with --text-column, --label-column, --id-column")
    }
    let text = try column(textColumn, required: true)!
    let label = try column(labelColumn, required: requiresColumns.label)
    let id = try column(idColumn, required: requiresColumns.id)
    while true {
      let start = lines.line + 1
      guard let fields = try record(lines, path, separator) else { break }
      if fields == [""] { continue }
      guard fields.count == header.count else {
        throw Failure.badInput(
          path, at: "line \(start)", "has \(fields.count) fields, the header \(header.count)")
      }
      counts.add(fields[text])
      counts.endDocument()
      corpus.append(id: id.map { fields[$0] } ?? "\(corpus.count)", label: -1)
      names.append(label.map { fields[$0] } ?? "")
    }
  }

  /// The next record (RFC 4180: quotes may hold separators, line ends and doubled quotes).
  private func record(
    _ lines: LineReader, _ path: String, _ separator: UInt8
  ) throws -> [String]? {
    guard let first = try lines.next() else { return nil }
    let start = lines.line
    var bytes = [UInt8](first)
    while bytes.reduce(0, { $0 + ($1 == 0x22 ? 1 : 0) }) % 2 == 1 {
      guard let more = try lines.next() else {
        throw Failure.badInput(path, at: "line \(start)", "begins a quote that never ends")
      }
      bytes.append(0x0a)
      bytes += more
    }
    var fields: [String] = []
    var field: [UInt8] = []
    var isQuoted = false
    var i = 0
    while i < bytes.count {
      if bytes[i] == 0x22 {
        if isQuoted, i + 1 < bytes.count, bytes[i + 1] == 0x22 {
          field.append(0x22)
          i += 1
        } else {
          isQuoted.toggle()
        }
      } else if bytes[i] == separator, !isQuoted {
        fields.append(String(decoding: field, as: UTF8.self))
        field.removeAll(keepingCapacity: true)
      } else {
        field.append(bytes[i])
      }
      i += 1
    }
    return fields + [String(decoding: field, as: UTF8.self)]
  }
}
