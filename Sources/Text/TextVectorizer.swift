import Datasets
import DenseMath

/// Turns new text into rows with a stored vocabulary, with exactly the values that `dec prepare`
/// computed for the corpus of the vocabulary. Each thread needs its own.
public final class TextVectorizer {
  private let tokenizer: Tokenizer
  private let stemmer: Stemmer?
  private let stopWords: Set<String>
  /// The terms of the vocabulary; the number of a term is its feature.
  private let terms: TermTable
  /// A cache of tokens and their features (-1 for none), so that each word is stemmed only once. It
  /// is cleared when full, so that a stream takes constant memory.
  private var tokens = TermTable()
  private let featureOfToken: UnsafeMutablePointer<Int32>
  private var tokenCount = 0
  private let tokenLimit: Int

  // The count of each feature in the current document, and the features with a count. They are in
  // unmanaged memory, since the checks of array properties took a third of the time.
  private let counts: UnsafeMutablePointer<Int32>
  private let present: UnsafeMutableBufferPointer<Int32>
  private var presentCount = 0
  private var weights: TermWeights

  /// - Parameter vocabulary: The terms, all different, in the order of the features.
  public convenience init(_ settings: TextSettings, _ vocabulary: [VocabularyEntry]) {
    self.init(settings, vocabulary, tokenLimit: 1 << 18)
  }

  init(_ settings: TextSettings, _ vocabulary: [VocabularyEntry], tokenLimit: Int) {
    weights = TermWeights(settings, idf: vocabulary.map(\.idf))
    tokenizer = Tokenizer(minimumLength: settings.minimumLength)
    stemmer = settings.stemmer()
    stopWords = Set(settings.stopWords)
    let terms = TermTable()
    for entry in vocabulary {
      var term = entry.term
      _ = term.withUTF8 { terms.number(of: UnsafeRawBufferPointer($0)) }
    }
    precondition(terms.count == vocabulary.count, "a vocabulary with a term twice")
    self.terms = terms
    self.tokenLimit = tokenLimit
    featureOfToken = .allocate(capacity: tokenLimit)
    counts = .allocate(capacity: vocabulary.count)
    counts.initialize(repeating: 0, count: vocabulary.count)
    present = .allocate(capacity: vocabulary.count)
    present.initialize(repeating: 0)
  }

  deinit {
    featureOfToken.deallocate()
    counts.deallocate()
    present.deallocate()
    weights.deallocate()
  }

  /// The number of invalid UTF-8 sequences so far.
  public var invalidSequences: Int { tokenizer.invalidSequences }

  /// Appends text to the current document.
  public func add(_ text: UnsafeRawBufferPointer) {
    let (counts, present, terms) = (counts, present, terms)
    var count = presentCount
    @inline(__always) func add(_ feature: Int) {
      guard feature >= 0 else { return }
      if counts[feature] == 0 {
        present[count] = Int32(truncatingIfNeeded: feature)
        count += 1
      }
      counts[feature] &+= 1
    }
    if stemmer == nil, stopWords.isEmpty {
      tokenizer.tokens(in: text) { add(terms.find($0) ?? -1) }
    } else {
      // A single document may have more tokens than the cache: the rest are looked up each time.
      if tokenCount == tokenLimit {
        tokens = TermTable()
        tokenCount = 0
      }
      let (tokens, features, limit) = (tokens, featureOfToken, tokenLimit)
      var known = tokenCount
      tokenizer.tokens(in: text) { token in
        if known == limit {
          add(feature(of: token))
          return
        }
        let number = tokens.number(of: token)
        if number == known {
          features[number] = Int32(truncatingIfNeeded: feature(of: token))
          known += 1
        }
        add(Int(features[number]))
      }
      tokenCount = known
    }
    presentCount = count
  }

  private func feature(of token: UnsafeRawBufferPointer) -> Int {
    if !stopWords.isEmpty, stopWords.contains(String(decoding: token, as: UTF8.self)) { return -1 }
    return terms.find(stemmer?.stem(token) ?? token) ?? -1
  }

  /// Completes the current document: appends its row, which is zero if it contains no known term.
  ///
  /// - Returns: Whether it contains a known term.
  @discardableResult
  public func endDocument(into rows: inout SparseRows) -> Bool {
    guard presentCount > 0 else {
      rows.appendEmptyRow()
      return false
    }
    var present = UnsafeMutableBufferPointer(rebasing: present[..<presentCount])
    presentCount = 0
    present.sort()
    for feature in present {
      weights.add(Int(feature), occurrences: Int(counts[Int(feature)]))
      counts[Int(feature)] = 0
    }
    let row = weights.finish()
    rows.appendRow(indices: row.indices, values: row.values)
    return true
  }
}
