/// Some documents of a stream, packed so that ranks can hand them on.
public struct TextBatch: Equatable, Sendable {
  /// Id and text of every document, one after the other.
  public var bytes: [UInt8] = []
  /// Where each document's id ends, and where its text ends.
  public var ends: [Int] = []

  public init() {}

  public var count: Int { ends.count / 2 }

  /// Where document i's id and text are in `bytes`.
  public func place(of i: Int) -> (id: Range<Int>, text: Range<Int>) {
    let start = i == 0 ? 0 : ends[2 * i - 1]
    return (start..<ends[2 * i], ends[2 * i]..<ends[2 * i + 1])
  }

  /// The first documents, at most `count`.
  func prefix(_ count: Int) -> TextBatch {
    guard count < self.count else { return self }
    var first = TextBatch()
    first.ends = Array(ends.prefix(2 * count))
    first.bytes = Array(bytes.prefix(first.ends.last ?? 0))
    return first
  }

  /// The documents behind the first `count`, of which there are more.
  func dropFirst(_ count: Int) -> TextBatch {
    let start = ends[2 * count - 1]
    var last = TextBatch()
    last.ends = ends.dropFirst(2 * count).map { $0 - start }
    last.bytes = Array(bytes.dropFirst(start))
    return last
  }

  /// Adds a document whose text has been appended to `bytes` after `beginDocument`.
  mutating func endDocument() { ends.append(bytes.count) }

  /// Starts a document; its text is then appended to `bytes`. Ids are one line of UTF-8, as those
  /// of `ids.txt`.
  mutating func beginDocument(id: UnsafeRawBufferPointer) {
    if id.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) {
      bytes.append(contentsOf: id)
    } else {
      bytes.append(contentsOf: Corpus.line(id).utf8)
    }
    ends.append(bytes.count)
  }

  /// Bytes after which a batch is full, however few its documents.
  static let enough = 1 << 26
}

/// A stream of documents as text.
public protocol TextStream: AnyObject {
  /// The next documents, at most `count`; none at the end.
  ///
  /// - Throws: `Failure.badInput` with file and line.
  func next(upTo count: Int) throws -> TextBatch
}
