import Diagnostics

/// Reads the token files of RCV1-v2 in the format of Lewis, Yang, Rose and Li 2004: `.I id`, `.W`,
/// then lines of stems.
public struct LYRL2004Reader {
  /// The root topics. The label of a document with exactly one of them is its index.
  public var roots: [String]
  /// Whether documents with none or several of the roots are kept, labelled -1.
  public var keepsUnlabelled: Bool

  public init(roots: [String], keepsUnlabelled: Bool) {
    self.roots = roots
    self.keepsUnlabelled = keepsUnlabelled
  }

  /// Opens the files for reading in shares; the topics are read now.
  package func source(_ files: [String], topics qrels: String) throws -> LYRL2004Source {
    LYRL2004Source(
      reader: self, files: files, topics: try RootTopics(qrels, roots: roots), qrels: qrels)
  }
}

package struct LYRL2004Source: DocumentSource {
  let reader: LYRL2004Reader
  let files: [String]
  let topics: RootTopics
  let qrels: String

  /// Every document, without a label.
  init(ofAllDocuments files: [String]) {
    reader = LYRL2004Reader(roots: [], keepsUnlabelled: true)
    self.files = files
    (topics, qrels) = (RootTopics(), "")
  }

  init(reader: LYRL2004Reader, files: [String], topics: RootTopics, qrels: String) {
    self.reader = reader
    self.files = files
    self.topics = topics
    self.qrels = qrels
  }

  private static let form = "each document is .I, .W, then its stems"

  package var classNames: [String]? { reader.roots }
  package var paths: [String] { files + (qrels.isEmpty ? [] : [qrels]) }

  package var emptiness: Failure {
    Failure.badInput(
      files.first ?? qrels,
      "holds no document with exactly one of the roots " + reader.roots.joined(separator: ","),
      hint: "check --topics and --roots")
  }

  package func read(
    part: Int, of parts: Int, into sink: some DocumentSink, progress: ReadingProgress
  ) throws {
    let share = try InputShare(files, part: part, of: parts) { _ in true }
    progress.total = share.bytes
    var done = 0
    for piece in share.pieces {
      let lines = try PieceReader(files[piece.file], piece.range)
      try read(lines, into: sink) { progress.advance(to: done + lines.consumed) }
      done += lines.consumed
    }
  }

  private static func isStart(_ line: UnsafeRawBufferPointer) -> Bool {
    line.count >= 2 && line[0] == 0x2e && line[1] == 0x49 && (line.count == 2 || line[2] == 0x20)
  }

  private static func isText(_ line: UnsafeRawBufferPointer) -> Bool {
    guard line.count == 2 || line.count == 3, line[0] == 0x2e, line[1] == 0x57 else { return false }
    return line.count == 2 || line[2] == 0x20
  }

  /// The current document.
  private struct Document {
    var id: [UInt8]
    var line: Int
    var isInText = false
  }

  private func read(
    _ lines: PieceReader, into sink: some DocumentSink, _ advance: () -> Void
  ) throws {
    var document: Document?
    // A document that began before this piece belongs to the previous one.
    var isSkipping = lines.beginsInside
    while let line = try lines.next() {
      if Self.isStart(line) {
        isSkipping = false
        if let document { try end(document, lines, sink) }
        document = nil
        if lines.isBehind { break }
        advance()
        document = Document(id: try id(line, lines), line: lines.number)
      } else if isSkipping {
        if lines.isBehind { break }
      } else if document?.isInText == true, !Self.isText(line) {
        sink.add(line)
      } else if Self.isText(line) {
        guard document?.isInText == false else {
          throw Failure.badInput(
            lines.path, at: lines.line(), "is a .W without its .I", hint: Self.form)
        }
        document!.isInText = true
      } else if line.contains(where: { $0 != 0x20 }) {
        let found = String(decoding: line.prefix(40), as: UTF8.self)
        throw Failure.badInput(
          lines.path, at: lines.line(),
          "is \"\(found)\" where a \(document == nil ? ".I" : ".W") is due", hint: Self.form)
      }
    }
    if let document { try end(document, lines, sink) }
  }

  private func id(_ line: UnsafeRawBufferPointer, _ lines: PieceReader) throws -> [UInt8] {
    let name = line.dropFirst(2).split(separator: 0x20)
    guard name.count == 1 else {
      throw Failure.badInput(
        lines.path, at: lines.line(), "is no \".I number\"", hint: Self.form)
    }
    return [UInt8](name[0])
  }

  private func end(
    _ document: Document, _ lines: PieceReader, _ sink: some DocumentSink
  ) throws {
    guard document.isInText else {
      throw Failure.badInput(
        lines.path, at: lines.line(document.line),
        "document \(String(decoding: document.id, as: UTF8.self)) has no .W line", hint: Self.form)
    }
    try document.id.withUnsafeBytes { id in
      let roots = topics.bits(id)
      let isLabelled = roots.nonzeroBitCount == 1
      if isLabelled || reader.keepsUnlabelled {
        try sink.endDocument(
          id: id, label: isLabelled ? .number(Int32(roots.trailingZeroBitCount)) : .none)
      } else {
        sink.dropDocument()
      }
    }
  }
}
