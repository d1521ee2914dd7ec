import Diagnostics

/// The token files of RCV1-v2 in the format of Lewis, Yang, Rose and Li 2004: `.I id`, `.W`, then lines of
/// stems.
public struct LYRL2004Reader {
  /// The root topics; a document with exactly one of them has its number as label.
  public var roots: [String]
  /// Whether documents with none or several of the roots are kept, labelled -1.
  public var keepsUnlabelled: Bool

  public init(roots: [String], keepsUnlabelled: Bool) {
    self.roots = roots
    self.keepsUnlabelled = keepsUnlabelled
  }

  /// Reads `files` in order.
  ///
  /// - Throws: `Failure.badInput` with file and line.
  public func read(
    _ files: [String], topics qrels: String, into counts: TermCounts
  ) throws -> Corpus {
    let topics = try readTopics(qrels)
    var corpus = Corpus()
    corpus.classNames = roots
    for file in files { try read(file, topics, into: counts, &corpus) }
    guard corpus.count > 0 else {
      throw Failure.badInput(
        files.first ?? qrels,
        "holds no document with exactly one of the roots "
          + roots.joined(separator: ","), hint: "check --topics and --roots")
    }
    return corpus
  }

  private func read(
    _ path: String, _ topics: [String: UInt64], into counts: TermCounts, _ corpus: inout Corpus
  ) throws {
    let lines = try LineReader(path: path)
    var id: String?
    var idLine = 0
    var isInText = false
    func end() throws {
      guard let id else { return }
      guard isInText else {
        throw Failure.badInput(
          path, at: "line \(idLine)", "document \(id) has no .W line",
          hint: "each document is .I, .W, then its stems")
      }
      let mask = topics[id] ?? 0
      let isLabelled = mask.nonzeroBitCount == 1
      if isLabelled || keepsUnlabelled {
        counts.endDocument()
        corpus.append(id: id, label: isLabelled ? Int32(mask.trailingZeroBitCount) : -1)
      } else {
        counts.dropDocument()
      }
    }
    while let line = try lines.next() {
      if line.count >= 2, line[0] == 0x2e, line[1] == 0x49, line.count == 2 || line[2] == 0x20 {
        try end()
        let name = String(decoding: line.dropFirst(2), as: UTF8.self).split(separator: " ")
        guard name.count == 1 else {
          throw Failure.badInput(
            path, at: "line \(lines.line)", "is no \".I number\"",
            hint: "each document is .I, .W, then its stems")
        }
        (id, idLine, isInText) = (String(name[0]), lines.line, false)
      } else if line.elementsEqual(".W".utf8) || line.elementsEqual(".W ".utf8) {
        guard id != nil, !isInText else {
          throw Failure.badInput(
            path, at: "line \(lines.line)", "is a .W without its .I",
            hint: "each document is .I, .W, then its stems")
        }
        isInText = true
      } else if isInText {
        counts.add(line)
      } else if line.contains(where: { $0 != 0x20 }) {
        let found = String(decoding: line.prefix(40), as: UTF8.self)
        throw Failure.badInput(
          path, at: "line \(lines.line)",
          "is \"\(found)\" where a \(id == nil ? ".I" : ".W") is due",
          hint: "each document is .I, .W, then its stems")
      }
    }
    try end()
  }

  /// The roots of each document, as bits.
  private func readTopics(_ path: String) throws -> [String: UInt64] {
    var number: [String: UInt64] = [:]
    for (i, root) in roots.enumerated() { number[root] = 1 << UInt64(i) }
    var topics: [String: UInt64] = [:]
    let lines = try LineReader(path: path)
    while let line = try lines.next() {
      let fields = line.split(separator: 0x20)
      guard fields.count == 3 else {
        throw Failure.badInput(
          path, at: "line \(lines.line)", "has \(fields.count) fields",
          hint: "a line is topic, document number and 1")
      }
      guard let bit = number[String(decoding: fields[0], as: UTF8.self)] else { continue }
      topics[String(decoding: fields[1], as: UTF8.self), default: 0] |= bit
    }
    return topics
  }
}
