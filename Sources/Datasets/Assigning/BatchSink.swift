/// Packs the documents that a reader finds into batches.
final class BatchSink: DocumentSink {
  private(set) var batch = TextBatch()
  private let isFull: (BatchSink) -> Void
  private let limit: Int
  /// Documents so far, of all batches.
  private var count = 0
  private var text: [UInt8] = []
  private var hasText = false

  /// - Parameters:
  ///   - limit: Documents of a batch.
  ///   - isFull: Called with each full batch; it takes it.
  init(limit: Int = .max, isFull: @escaping (BatchSink) -> Void = { _ in }) {
    self.limit = limit
    self.isFull = isFull
  }

  /// Whether the batch has so many bytes that it is to be taken, however few its documents.
  var hasEnough: Bool { batch.bytes.count >= TextBatch.enough }

  /// The batch; the next one is begun.
  func take() -> TextBatch {
    defer { batch = TextBatch() }
    return batch
  }

  func add(_ piece: UnsafeRawBufferPointer) {
    if hasText { text.append(0x0a) }
    text.append(contentsOf: piece)
    hasText = true
  }

  func endDocument(id: UnsafeRawBufferPointer?, label: DocumentLabel) {
    if let id {
      batch.beginDocument(id: id)
    } else {
      Array("\(count)".utf8).withUnsafeBytes { batch.beginDocument(id: $0) }
    }
    batch.bytes.append(contentsOf: text)
    batch.endDocument()
    count += 1
    dropDocument()
    if batch.count == limit || hasEnough { isFull(self) }
  }

  func dropDocument() {
    text.removeAll(keepingCapacity: true)
    hasText = false
  }

  /// The bytes stand in the text as U+FFFD, which no term holds.
  func note(invalidSequences: Int) {}
}
