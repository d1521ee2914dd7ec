import Datasets

/// Numbers the terms of texts: tokens, less the stop words, stemmed where the settings say so.
package final class TermNumbering {
  let settings: TextSettings
  /// All terms, numbered as they came.
  package let table: TermTable

  private let tokenizer: Tokenizer
  private let stemmer: Stemmer?
  /// Tokens as they stand in the text, and the term of each (-1: dropped), so that a word is stemmed
  /// once; the table itself where a token is its term.
  private let tokens: TermTable
  private let isPlain: Bool
  private var termOfToken: [Int32] = []
  private let stopWords: Set<String>
  private let lookups: UnsafeMutablePointer<TermTable.Lookup>
  private static let batch = 64

  package init(_ settings: TextSettings) {
    self.settings = settings
    tokenizer = Tokenizer(minimumLength: settings.minimumLength)
    stemmer = settings.stems ? Stemmer() : nil
    stopWords = Set(settings.stopWords)
    table = TermTable()
    isPlain = stemmer == nil && stopWords.isEmpty
    tokens = isPlain ? table : TermTable()
    lookups = .allocate(capacity: Self.batch)
  }

  deinit { lookups.deallocate() }

  /// Bytes so far that were no UTF-8.
  var invalidSequences: Int { tokenizer.invalidSequences }

  /// Calls `body` with the number of each term of `text`; `soon` with some of them a while before, so
  /// that what the caller keeps of them may be fetched.
  @inline(__always)
  package func terms(
    in text: UnsafeRawBufferPointer, soon: (Int) -> Void = { _ in }, _ body: (Int) -> Void
  ) {
    guard let start = text.baseAddress else { return }
    let end = start + text.count
    let tokens = tokens
    let lookups = lookups
    var count = 0
    @inline(__always) func take(_ number: Int, _ token: UnsafeRawBufferPointer) {
      if isPlain { return body(number) }
      if number == termOfToken.count { termOfToken.append(term(of: token)) }
      if termOfToken[number] >= 0 { body(Int(termOfToken[number])) }
    }
    func flush() {
      for i in 0..<count {
        if let number = tokens.advance(&lookups[i]), isPlain { soon(number) }
      }
      for i in 0..<count { take(tokens.end(lookups[i]), lookups[i].bytes) }
      count = 0
    }
    tokenizer.tokens(in: text) { token in
      if token.baseAddress! >= start, token.baseAddress! < end {
        lookups[count] = tokens.begin(token)
        count += 1
        if count == Self.batch { flush() }
      } else {
        // The tokenizer's own memory, which the next token takes.
        flush()
        take(tokens.number(of: token), token)
      }
    }
    flush()
  }

  @inline(never)
  private func term(of token: UnsafeRawBufferPointer) -> Int32 {
    if !stopWords.isEmpty, stopWords.contains(String(decoding: token, as: UTF8.self)) { return -1 }
    return Int32(table.number(of: stemmer?.stem(token) ?? token))
  }
}
