import Datasets
import Text

/// Counts the terms of documents as they are read, in memory on one rank, without keeping the text.
public final class TermCounts {
  public let settings: TextSettings
  /// The number of documents so far.
  public var count: Int { rowStarts.count - 1 }

  /// The entries of document i are `rowStarts[i] ..< rowStarts[i + 1]`, with ascending terms.
  public private(set) var rowStarts = [0]
  public private(set) var terms: [UInt32] = []
  public private(set) var counts: [Int32] = []
  private let numbering: TermNumbering
  private var current: [UInt32] = []

  public init(_ settings: TextSettings) {
    self.settings = settings
    numbering = TermNumbering(settings)
  }

  /// All terms, numbered in the order in which they first occurred.
  package var table: TermTable { numbering.table }

  /// Appends text to the current document.
  public func add(_ text: UnsafeRawBufferPointer) {
    numbering.terms(in: text) { current.append(UInt32($0)) }
  }

  public func add(_ text: String) {
    var text = text
    text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
  }

  /// Completes the current document.
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

  /// Discards the current document.
  public func dropDocument() { current.removeAll(keepingCapacity: true) }
}
