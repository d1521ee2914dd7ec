import Diagnostics

/// CSV or TSV (RFC 4180: quotes may hold separators, line ends and doubled quotes) whose first line
/// names the columns.
final class Table: DocumentFile {
  private let path: String
  private let lines: LineReader
  private let separator: UInt8
  private let width: Int
  private let text: Int
  private let id: Int?

  init(_ path: String, separator: UInt8, _ columns: DocumentFiles.Columns) throws {
    self.path = path
    self.separator = separator
    lines = try LineReader(path: path)
    guard let header = try Self.record(lines, path, separator) else {
      throw Failure.badInput(path, "is empty", hint: "its first line names the columns")
    }
    let names = header.map { String(decoding: $0, as: UTF8.self) }
    func column(_ name: String) throws -> Int {
      guard let place = names.firstIndex(of: name) else {
        throw Failure.badInput(
          path, at: "line 1",
          "has no column \"\(name)\" among \(names.prefix(20).joined(separator: ", "))",
          hint: "name it with --text-column, --id-column")
      }
      return place
    }
    width = names.count
    text = try column(columns.text)
    id = columns.requiresID ? try column(columns.id) : names.firstIndex(of: columns.id)
  }

  func next(number: Int, into batch: inout TextBatch) throws -> Bool {
    while true {
      let start = lines.line + 1
      guard let fields = try Self.record(lines, path, separator) else { return false }
      if fields == [[]] { continue }
      guard fields.count == width else {
        throw Failure.badInput(
          path, at: "line \(start)", "has \(fields.count) fields, the header \(width)")
      }
      batch.beginDocument(id: id.map { fields[$0] } ?? Array("\(number)".utf8))
      batch.bytes.append(contentsOf: fields[text])
      batch.endDocument()
      return true
    }
  }

  private static func record(
    _ lines: LineReader, _ path: String, _ separator: UInt8
  ) throws -> [[UInt8]]? {
    guard var line = try lines.next() else { return nil }
    let start = lines.line
    var fields: [[UInt8]] = []
    var field: [UInt8] = []
    var isQuoted = false
    while true {
      var i = 0
      while i < line.count {
        if line[i] == 0x22 {
          if isQuoted, i + 1 < line.count, line[i + 1] == 0x22 {
            field.append(0x22)
            i += 1
          } else {
            isQuoted.toggle()
          }
        } else if line[i] == separator, !isQuoted {
          fields.append(field)
          field.removeAll(keepingCapacity: true)
        } else {
          field.append(line[i])
        }
        i += 1
      }
      guard isQuoted else { return fields + [field] }
      guard let more = try lines.next() else {
        throw Failure.badInput(path, at: "line \(start)", "begins a quote that never ends")
      }
      field.append(0x0a)
      line = more
    }
  }
}
