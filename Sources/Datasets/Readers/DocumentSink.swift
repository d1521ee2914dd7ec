import Diagnostics

/// Where readers put the documents of a corpus, one after the other.
package protocol DocumentSink: AnyObject {
  /// Adds text to the document at hand.
  func add(_ text: UnsafeRawBufferPointer)
  /// Completes the document at hand; without an id it is named by its place in the corpus.
  func endDocument(id: UnsafeRawBufferPointer?, label: DocumentLabel) throws
  /// Forgets the document at hand.
  func dropDocument()
  /// Counts bytes that were read as no UTF-8 outside the text itself.
  func note(invalidSequences: Int)
}

/// The class of a document as the input has it.
package enum DocumentLabel {
  case none
  case number(Int32)
  case name(UnsafeRawBufferPointer)
}

/// A corpus that is read share by share.
package protocol DocumentSource {
  /// Names of the labels that are numbers; nil where labels come as names.
  var classNames: [String]? { get }
  /// What to say of a corpus without documents.
  var emptiness: Failure { get }
  /// Reads this part of the corpus; the parts in order are the corpus.
  func read(
    part: Int, of parts: Int, into sink: some DocumentSink, progress: ReadingProgress) throws
}

/// How far a piece of work has come: reading in bytes of the input (documents, where they are made up),
/// writing in documents.
package final class ReadingProgress {
  /// What there is to do, of this part.
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
