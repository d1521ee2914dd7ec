import Diagnostics
import Dispatch

/// The documents of text files, unlabelled, as `dec prepare` reads them: folders of texts, `.txt`, JSON
/// lines, CSV, TSV, RCV1's token files; any may be gzipped. They are read ahead on a thread of their own;
/// three batches at most are in memory.
public final class DocumentFiles: TextStream {
  private let sources: [any DocumentSource]
  private var channel: BatchChannel?
  /// What a batch held beyond what was asked for.
  private var rest = TextBatch()

  /// Looks at the inputs, and lists folders.
  ///
  /// - Parameter areTokenFiles: Whether files of no other kind are RCV1's token files.
  public init(_ inputs: [String], reader: TextReader, areTokenFiles: Bool) throws {
    sources = try inputs.map { input in
      if areTokenFiles, !TextSource.takes(input), File.exists(input) {
        return LYRL2004Source(ofAllDocuments: [input])
      }
      return try reader.source([input])
    }
  }

  public func next(upTo count: Int) throws -> TextBatch {
    if rest.count == 0 {
      if channel == nil { channel = BatchChannel(documents: count, sources) }
      rest = try channel!.take()
    }
    let batch = rest.prefix(count)
    rest = rest.count > count ? rest.dropFirst(count) : TextBatch()
    return batch
  }
}

/// Batches on their way from the thread that reads to the one that asks.
private final class BatchChannel: DocumentSink, @unchecked Sendable {
  private let room = DispatchSemaphore(value: 2)
  private let filled = DispatchSemaphore(value: 0)
  private let lock = DispatchQueue(label: "dec.batches")
  private var queue: [Result<TextBatch, any Error>] = []
  private let documents: Int
  private var batch = TextBatch()
  private var text: [UInt8] = []
  private var count = 0
  private var hasText = false

  /// Starts reading; a batch without documents is the last.
  init(documents: Int, _ sources: [any DocumentSource]) {
    self.documents = documents
    nonisolated(unsafe) let sources = sources
    DispatchQueue.global().async { [self] in
      do {
        for source in sources {
          try source.read(part: 0, of: 1, into: self, progress: ReadingProgress())
        }
        if batch.count > 0 { handOn() }
        put(.success(batch))
      } catch {
        if batch.count > 0 { handOn() }
        put(.failure(error))
      }
    }
  }

  func take() throws -> TextBatch {
    filled.wait()
    let next = lock.sync { queue.removeFirst() }
    room.signal()
    return try next.get()
  }

  private func put(_ result: Result<TextBatch, any Error>) {
    room.wait()
    lock.sync { queue.append(result) }
    filled.signal()
  }

  private func handOn() {
    put(.success(batch))
    batch = TextBatch()
  }

  // MARK: DocumentSink

  func add(_ piece: UnsafeRawBufferPointer) {
    if hasText { text.append(0x0a) }
    text.append(contentsOf: piece)
    hasText = true
  }

  func endDocument(id: UnsafeRawBufferPointer?, label: DocumentLabel) {
    if let id { batch.beginDocument(id: id) } else { batch.beginDocument(id: "\(count)".utf8) }
    batch.bytes.append(contentsOf: text)
    batch.endDocument()
    count += 1
    dropDocument()
    if batch.count == documents || batch.bytes.count >= TextBatch.enough { handOn() }
  }

  func dropDocument() {
    text.removeAll(keepingCapacity: true)
    hasText = false
  }

  /// The bytes stand in the text as U+FFFD, which no term holds.
  func note(invalidSequences: Int) {}
}
