import Diagnostics
import Dispatch

/// The documents of text files, unlabelled, as `dec prepare` reads them: folders of texts, `.txt`,
/// JSON lines, CSV, TSV, RCV1's token files; any may be gzipped. They are read ahead on a thread of
/// their own; three batches at most are in memory.
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
      if areTokenFiles, !TextFiles.takes(input), File.exists(input) {
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
private final class BatchChannel: @unchecked Sendable {
  // Two at most; signalled at the start, since a semaphore must not die below its first value.
  private let room = DispatchSemaphore(value: 0)
  private let filled = DispatchSemaphore(value: 0)
  private let lock = DispatchQueue(label: "dec.batches")
  private var queue: [Result<TextBatch, any Error>] = []

  /// Starts reading; a batch without documents is the last.
  init(documents: Int, _ sources: [any DocumentSource]) {
    for _ in 0..<2 { room.signal() }
    nonisolated(unsafe) let sources = sources
    DispatchQueue.global().async { [self] in
      let sink = BatchSink(limit: documents) { self.put(.success($0.take())) }
      do {
        for source in sources {
          try source.read(part: 0, of: 1, into: sink, progress: ReadingProgress())
        }
        if sink.batch.count > 0 { put(.success(sink.take())) }
        put(.success(TextBatch()))
      } catch {
        if sink.batch.count > 0 { put(.success(sink.take())) }
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
}
