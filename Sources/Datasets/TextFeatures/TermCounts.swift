/// The terms of documents, counted as the documents are read: no text is kept.
public final class TermCounts {
  public let settings: TextSettings
  /// Documents so far.
  public var count: Int { rowStarts.count - 1 }

  /// Entries of document i: `rowStarts[i] ..< rowStarts[i + 1]`, terms ascending.
  private(set) var rowStarts = [0]
  private(set) var terms: [UInt32] = []
  private(set) var counts: [Int32] = []
  /// All terms, numbered as they came.
  let table = TermTable()

  private let tokenizer: Tokenizer
  private let stemmer: Stemmer?
  /// Tokens as they stand in the text, and the term of each (-1: dropped), so that a word is stemmed
  /// once.
  private let tokens = TermTable()
  private var termOfToken: [Int32] = []
  private let stopWords: Set<String>
  private var current: [UInt32] = []

  public init(_ settings: TextSettings) {
    self.settings = settings
    tokenizer = Tokenizer(minimumLength: settings.minimumLength)
    stemmer = settings.stems ? Stemmer() : nil
    stopWords = Set(settings.stopWords)
  }

  /// Adds text to the document at hand.
  public func add(_ text: UnsafeRawBufferPointer) {
    tokenizer.tokens(in: text) { token in
      let number = tokens.number(of: token)
      if number == termOfToken.count { termOfToken.append(term(of: token)) }
      if termOfToken[number] >= 0 { current.append(UInt32(termOfToken[number])) }
    }
  }

  public func add(_ text: String) {
    var text = text
    text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
  }

  private func term(of token: UnsafeRawBufferPointer) -> Int32 {
    if !stopWords.isEmpty, stopWords.contains(String(decoding: token, as: UTF8.self)) { return -1 }
    return Int32(table.number(of: stemmer?.stem(token) ?? token))
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
