import Diagnostics

/// The values of one column or field of a text corpus, such as a date or a category.
public struct ColumnValues: Sendable {
  public let name: String
  /// The id of each document of the corpus, as `dec prepare` gives it.
  public let ids: [String]
  /// The value of each document; nil where it is empty.
  public let values: [String?]

  /// Reads a corpus that `dec prepare text` reads.
  ///
  /// - Parameters:
  ///   - name: The column of a table, or the field of JSON lines.
  ///   - inputs: The files, in the order that they were prepared in.
  /// - Throws: `Failure.badInput` where no document has a value there.
  public init(_ name: String, of inputs: [String]) throws {
    self.name = name
    var reader = TextReader()
    reader.labelColumn = name
    reader.requiresColumns.label = true
    let sink = ColumnSink()
    try reader.source(inputs).read(part: 0, of: 1, into: sink, progress: ReadingProgress())
    guard sink.values.contains(where: { $0 != nil }) else {
      throw Failure.badInput(
        inputs.joined(separator: " "), "no document has a value in \"\(name)\"",
        hint: "name a column of a table, or a field of JSON lines")
    }
    ids = sink.ids
    values = sink.values
  }
}

/// Takes the labels of documents and leaves their texts.
private final class ColumnSink: DocumentSink {
  private(set) var ids: [String] = []
  private(set) var values: [String?] = []

  func add(_ text: UnsafeRawBufferPointer) {}
  func dropDocument() {}
  func note(invalidSequences: Int) {}

  func endDocument(id: UnsafeRawBufferPointer?, label: DocumentLabel) {
    ids.append(id.map { Corpus.line($0) } ?? String(ids.count))
    switch label {
    case .none: values.append(nil)
    case .number(let number): values.append(String(number))
    case .name(let name): values.append(name.isEmpty ? nil : Corpus.line(name))
    }
  }
}
