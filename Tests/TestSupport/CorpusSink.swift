import Datasets

/// Collects a small corpus in memory.
package final class CorpusSink: DocumentSink {
  package private(set) var corpus = Corpus()
  package private(set) var names: [String] = []
  private let counts: TermCounts

  package init(_ counts: TermCounts) { self.counts = counts }

  package func add(_ text: UnsafeRawBufferPointer) { counts.add(text) }

  package func endDocument(id: UnsafeRawBufferPointer?, label: DocumentLabel) {
    counts.endDocument()
    var number: Int32 = -1
    var name = ""
    switch label {
    case .none: break
    case .number(let value): number = value
    case .name(let bytes): name = String(decoding: bytes, as: UTF8.self)
    }
    corpus.append(
      id: id.map { String(decoding: $0, as: UTF8.self) } ?? "\(corpus.count)", label: number)
    names.append(name)
  }

  package func dropDocument() { counts.dropDocument() }

  package func note(invalidSequences: Int) {}

  /// All of `source`.
  package static func read(_ source: some DocumentSource, into counts: TermCounts) throws -> Corpus {
    let sink = CorpusSink(counts)
    try source.read(part: 0, of: 1, into: sink, progress: ReadingProgress())
    guard sink.corpus.count > 0 else { throw source.emptiness }
    if let names = source.classNames {
      sink.corpus.classNames = names
    } else {
      sink.corpus.setLabels(named: sink.names)
    }
    return sink.corpus
  }
}

extension TextReader {
  /// Reads the inputs in order, in memory.
  ///
  /// - Throws: `Failure.badInput` with file and line.
  public func read(_ inputs: [String], into counts: TermCounts) throws -> Corpus {
    try CorpusSink.read(source(inputs), into: counts)
  }
}

extension LYRL2004Reader {
  /// Reads `files` in order, in memory.
  ///
  /// - Throws: `Failure.badInput` with file and line.
  public func read(
    _ files: [String], topics qrels: String, into counts: TermCounts
  ) throws -> Corpus {
    try CorpusSink.read(source(files, topics: qrels), into: counts)
  }
}

extension SyntheticCorpus {
  /// All documents, counted in memory.
  public func read(into counts: TermCounts) -> Corpus {
    // Nothing is read, so that nothing can fail.
    try! CorpusSink.read(self, into: counts)
  }
}
