import Datasets
import DenseMath
import Glibc

/// Turns new text into rows by a stored vocabulary: the very values that `dec prepare` gave the corpus
/// the vocabulary comes from. One for each thread.
public final class TextVectorizer {
  private let idf: [Double]
  private let tokenizer: Tokenizer
  private let stemmer: Stemmer?
  private let stopWords: Set<String>
  /// The terms; a term's number is its feature.
  private let terms: TermTable
  /// Tokens seen and the feature of each (-1 for none), so that a word is stemmed once; begun anew
  /// when full, so that endless input takes constant memory.
  private var tokens = TermTable()
  private let featureOfToken: UnsafeMutablePointer<Int32>
  private var tokenCount = 0
  private let tokenLimit: Int

  // Of the document at hand: each feature's count, and the features that have one. Plain memory, as
  // the checks of a class's arrays took a third of the time.
  private let counts: UnsafeMutablePointer<Int32>
  private let present: UnsafeMutableBufferPointer<Int32>
  private var presentCount = 0
  private let values: UnsafeMutablePointer<Float>
  private let weights: UnsafeMutablePointer<Double>

  /// - Parameter vocabulary: Different terms, in feature order.
  public convenience init(_ settings: TextSettings, _ vocabulary: [VocabularyEntry]) {
    self.init(settings, vocabulary, tokenLimit: 1 << 18)
  }

  init(_ settings: TextSettings, _ vocabulary: [VocabularyEntry], tokenLimit: Int) {
    idf = vocabulary.map(\.idf)
    tokenizer = Tokenizer(minimumLength: settings.minimumLength)
    stemmer = settings.stems ? Stemmer() : nil
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
    values = .allocate(capacity: vocabulary.count)
    weights = .allocate(capacity: vocabulary.count)
  }

  deinit {
    featureOfToken.deallocate()
    counts.deallocate()
    present.deallocate()
    values.deallocate()
    weights.deallocate()
  }

  /// Sequences so far that were no UTF-8.
  public var invalidSequences: Int { tokenizer.invalidSequences }

  /// Adds text to the document at hand.
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
      // A document may pass the limit by its own tokens: those are looked up each time.
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

  /// Completes the document at hand: appends its row, of zeros where it has no known term.
  ///
  /// - Returns: Whether it has a known term.
  @discardableResult
  public func endDocument(into rows: inout SparseRows) -> Bool {
    guard presentCount > 0 else {
      rows.appendEmptyRow()
      return false
    }
    var present = UnsafeMutableBufferPointer(rebasing: present[..<presentCount])
    presentCount = 0
    present.sort()
    var square = 0.0
    for (i, feature) in present.enumerated() {
      let weight = (1 + log(Double(counts[Int(feature)]))) * idf[Int(feature)]
      square += weight * weight
      weights[i] = weight
      counts[Int(feature)] = 0
    }
    let scale = (Double(idf.count) / square).squareRoot()
    for i in present.indices { values[i] = Float(weights[i] * scale) }
    rows.appendRow(
      indices: UnsafeBufferPointer(present),
      values: UnsafeBufferPointer(start: values, count: present.count))
    return true
  }
}
