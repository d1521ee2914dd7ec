import Datasets
import Text

/// The terms of documents, counted as the documents are read: no text is kept. All in memory and on
/// one rank: for small corpora, and for what `DocumentSpill` is tested against.
public final class TermCounts {
  public let settings: TextSettings
  /// Documents so far.
  public var count: Int { rowStarts.count - 1 }

  /// Entries of document i: `rowStarts[i] ..< rowStarts[i + 1]`, terms ascending.
  public private(set) var rowStarts = [0]
  public private(set) var terms: [UInt32] = []
  public private(set) var counts: [Int32] = []
  private let numbering: TermNumbering
  private var current: [UInt32] = []

  public init(_ settings: TextSettings) {
    self.settings = settings
    numbering = TermNumbering(settings)
  }

  /// All terms, numbered as they came.
  package var table: TermTable { numbering.table }

  /// Adds text to the document at hand.
  public func add(_ text: UnsafeRawBufferPointer) {
    numbering.terms(in: text) { current.append(UInt32($0)) }
  }

  public func add(_ text: String) {
    var text = text
    text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
  }

  /// Completes the document at hand.
  public func endDocument() {
    current.sort()
    var i = 0
    while i < current.count {
      var end = i + 1
      while end < current.count, current[end] == current[i] { end += 1 }
      terms.append(current[i])
      counts.append(Int32(end - i))
      i = end
    }
    rowStarts.append(terms.count)
    current.removeAll(keepingCapacity: true)
  }

  /// Forgets the document at hand.
  public func dropDocument() { current.removeAll(keepingCapacity: true) }
}
