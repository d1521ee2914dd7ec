import Datasets

/// Numbers the terms of texts: the tokens without stop words, stemmed if the settings say so.
package final class TermNumbering {
  let settings: TextSettings
  /// All terms, numbered in the order in which they first occurred.
  package let table: TermTable

  /// What a token became, and how often it was seen.
  private struct Form {
    /// -1 for a stop word.
    let term: Int32
    var occurrences: Int64 = 0
  }

  private let tokenizer: Tokenizer
  private let stemmer: Stemmer?
  /// The tokens before stemming, so that each word is stemmed only once. The same table as `terms`
  /// where every token is its own term.
  private let tokens: TermTable
  private let isPlain: Bool
  /// What is known of each token; empty where every token is its own term.
  private var forms: [Form] = []
  private let stopWords: Set<String>
  private let lookups: UnsafeMutablePointer<TermTable.Lookup>
  private static let batch = 64

  package init(_ settings: TextSettings) {
    self.settings = settings
    tokenizer = Tokenizer(minimumLength: settings.minimumLength)
    stemmer = settings.stemmer()
    stopWords = Set(settings.stopWords)
    table = TermTable()
    isPlain = stemmer == nil && stopWords.isEmpty
    tokens = isPlain ? table : TermTable()
    lookups = .allocate(capacity: Self.batch)
  }

  deinit { lookups.deallocate() }

  /// The number of invalid UTF-8 sequences so far.
  var invalidSequences: Int { tokenizer.invalidSequences }
  /// The tokens so far of scripts without blanks between words.
  var unspaced: UnspacedText { tokenizer.unspaced }

  /// Calls `body` with the number of each term of `text`, and `soon` with some of them a little
  /// earlier, so that the caller can prefetch its data of them.
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
      if number == forms.count { forms.append(Form(term: term(of: token))) }
      forms[number].occurrences += 1
      let term = forms[number].term
      if term >= 0 { body(Int(term)) }
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
        // This token is in the tokenizer's memory, which the next one overwrites: look it up now.
        flush()
        take(tokens.number(of: token), token)
      }
    }
    flush()
  }

  /// Calls `body` with each token before stemming, its term, and how often it occurred; with none
  /// where every token is its own term.
  func forEachForm(_ body: (UnsafeRawBufferPointer, _ term: Int, _ occurrences: Int64) -> Void) {
    for (number, form) in forms.enumerated() where form.term >= 0 {
      body(tokens.term(number), Int(form.term), form.occurrences)
    }
  }

  @inline(never)
  private func term(of token: UnsafeRawBufferPointer) -> Int32 {
    if !stopWords.isEmpty, stopWords.contains(String(decoding: token, as: UTF8.self)) { return -1 }
    return Int32(table.number(of: stemmer?.stem(token) ?? token))
  }
}
