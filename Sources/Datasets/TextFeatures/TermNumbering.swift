/// Numbers the terms of texts: tokens, less the stop words, stemmed where the settings say so.
final class TermNumbering {
  let settings: TextSettings
  /// All terms, numbered as they came.
  let table: TermTable

  private let tokenizer: Tokenizer
  private let stemmer: Stemmer?
  /// Tokens as they stand in the text, and the term of each (-1: dropped), so that a word is stemmed
  /// once; the table itself where a token is its term.
  private let tokens: TermTable
  private let isPlain: Bool
  private var termOfToken: [Int32] = []
  private let stopWords: Set<String>

  init(_ settings: TextSettings) {
    self.settings = settings
    tokenizer = Tokenizer(minimumLength: settings.minimumLength)
    stemmer = settings.stems ? Stemmer() : nil
    stopWords = Set(settings.stopWords)
    table = TermTable()
    isPlain = stemmer == nil && stopWords.isEmpty
    tokens = isPlain ? table : TermTable()
  }

  /// Bytes so far that were no UTF-8.
  var invalidSequences: Int { tokenizer.invalidSequences }

  /// Calls `body` with the number of each term of `text`.
  @inline(__always)
  func terms(in text: UnsafeRawBufferPointer, _ body: (Int) -> Void) {
    if isPlain {
      tokenizer.tokens(in: text) { body(tokens.number(of: $0)) }
    } else {
      tokenizer.tokens(in: text) { token in
        let number = tokens.number(of: token)
        if number == termOfToken.count { termOfToken.append(term(of: token)) }
        if termOfToken[number] >= 0 { body(Int(termOfToken[number])) }
      }
    }
  }

  @inline(never)
  private func term(of token: UnsafeRawBufferPointer) -> Int32 {
    if !stopWords.isEmpty, stopWords.contains(String(decoding: token, as: UTF8.self)) { return -1 }
    return Int32(table.number(of: stemmer?.stem(token) ?? token))
  }
}
