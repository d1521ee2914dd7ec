import DenseMath

/// A source of documents to assign, which all ranks read in rounds.
public protocol AssignmentSource: AnyObject {
  /// Whether the rows are sparse.
  var isSparse: Bool { get }
  /// Returns the number of documents in the next round, at most `count`; 0 at the end. Collective.
  func nextRound(upTo count: Int) throws -> Int
  /// Prepares this rank's part of the round; documents are indexed from the beginning of the input.
  func open(_ documents: Range<Int>) throws
  /// Fills `rows` with documents. Several threads call it, each with its own index.
  func fill(_ rows: inout InputRows, with documents: Range<Int>, thread: Int) throws
  /// Appends the id of a document, on one line.
  func appendID(of document: Int, to bytes: inout [UInt8])
  /// The number of invalid UTF-8 sequences on this rank.
  var invalidSequences: Int { get }
}
