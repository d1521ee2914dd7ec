import Diagnostics

/// Receives the documents of a corpus from a reader, in order.
package protocol DocumentSink: AnyObject {
  /// Adds text to the current document.
  func add(_ text: UnsafeRawBufferPointer)
  /// Completes the current document. If it has no id, its index in the corpus is its id.
  func endDocument(id: UnsafeRawBufferPointer?, label: DocumentLabel) throws
  /// Discards the current document.
  func dropDocument()
  /// Counts invalid sequences that the reader has already replaced.
  func note(invalidSequences: Int)
}

/// The class of a document in the input.
package enum DocumentLabel {
  case none
  case number(Int32)
  case name(UnsafeRawBufferPointer)

  /// The label that a name in a file denotes: empty and -1 denote none.
  static func named(_ name: UnsafeRawBufferPointer) -> DocumentLabel {
    name.isEmpty || name.elementsEqual("-1".utf8) ? .none : .name(name)
  }
}

/// A corpus that can be read in shares.
package protocol DocumentSource {
  /// The class names, if labels are indices of them; nil if labels are names.
  var classNames: [String]? { get }
  /// The failure of a corpus without documents.
  var emptiness: Failure { get }
  /// The failure of a corpus without classes, if classes are required; nil otherwise.
  var unlabelled: Failure? { get }
  /// The files of the corpus, in order.
  var paths: [String] { get }
  /// Reads share `part` of `parts` of the corpus. The shares in order are the corpus.
  func read(
    part: Int, of parts: Int, into sink: some DocumentSink, progress: ReadingProgress) throws
}

extension DocumentSource {
  package var unlabelled: Failure? { nil }
  package var paths: [String] { [] }
}

/// The progress of reading, in bytes of the input (documents if they are synthetic), or of writing,
/// in documents.
package final class ReadingProgress {
  /// The amount of work of this rank.
  package var total = 0 {
    didSet { step = max(1, total / 1000) }
  }
  package private(set) var done = 0
  private let report: (ReadingProgress) -> Void
  private var reported = 0
  private var step = 1

  package init(_ report: @escaping (ReadingProgress) -> Void = { _ in }) { self.report = report }

  @inline(__always)
  package func advance(to newValue: Int) {
    done = newValue
    if done - reported >= step { announce() }
  }

  private func announce() {
    reported = done
    report(self)
  }
}
