import Diagnostics
import FoundationEssentials

/// A JSON object a line, with the document's text in one of its fields.
final class JSONLines: DocumentFile {
  private let path: String
  private let lines: LineReader
  private let columns: DocumentFiles.Columns
  private let decoder = JSONDecoder()

  init(_ path: String, _ columns: DocumentFiles.Columns) throws {
    self.path = path
    self.columns = columns
    lines = try LineReader(path: path)
    decoder.userInfo[Object.wanted] = [columns.text, columns.id]
  }

  func next(number: Int, into batch: inout TextBatch) throws -> Bool {
    while let line = try lines.next() {
      guard line.contains(where: { $0 != 0x20 && $0 != 0x09 }) else { continue }
      guard let object = object(line) else {
        throw Failure.badInput(
          path, at: "line \(lines.line)", "is no JSON object with plain values",
          hint: "each line is {\"id\": ..., \"text\": ...}")
      }
      guard let text = object.fields[columns.text] else {
        throw Failure.badInput(
          path, at: "line \(lines.line)", "has no \"\(columns.text)\"",
          hint: "name the field with --text-column")
      }
      let id = object.fields[columns.id]?.text
      guard id != nil || !columns.requiresID else {
        throw Failure.badInput(
          path, at: "line \(lines.line)", "has no \"\(columns.id)\"",
          hint: "name the field with --id-column")
      }
      batch.append(id: id ?? "\(number)", text: text.text)
      return true
    }
    return false
  }

  /// Bytes that are no UTF-8 are replaced, as everywhere in text.
  private func object(_ line: UnsafeRawBufferPointer) -> Object? {
    (try? decoder.decode(Object.self, from: Data(line)))
      ?? (try? decoder.decode(
        Object.self, from: Data(String(decoding: line, as: UTF8.self).utf8)))
  }

  private struct Object: Decodable {
    var fields: [String: Value] = [:]

    static let wanted = CodingUserInfoKey(rawValue: "wanted")!

    private struct Key: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Key.self)
      for name in decoder.userInfo[Self.wanted] as? [String] ?? [] {
        fields[name] = try values.decodeIfPresent(Value.self, forKey: Key(stringValue: name))
      }
    }
  }

  private struct Value: Decodable {
    var text: String

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let text = try? value.decode(String.self) {
        self.text = text
      } else if let number = try? value.decode(Int.self) {
        text = String(number)
      } else {
        text = String(try value.decode(Double.self))
      }
    }
  }
}
