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
  private var featureOfToken: [Int32] = []
  private let tokenLimit: Int

  /// Of the document at hand: each feature's count, and the features that have one.
  private var counts: [Int32]
  private var present: [Int32] = []
  private var weights: [Double] = []
  private var values: [Float] = []

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
    counts = [Int32](repeating: 0, count: vocabulary.count)
  }

  /// Sequences so far that were no UTF-8.
  public var invalidSequences: Int { tokenizer.invalidSequences }

  /// Adds text to the document at hand.
  public func add(_ text: UnsafeRawBufferPointer) {
    let needsCache = stemmer != nil || !stopWords.isEmpty
    tokenizer.tokens(in: text) { token in
      let feature = needsCache ? cachedFeature(of: token) : terms.find(token) ?? -1
      guard feature >= 0 else { return }
      if counts[feature] == 0 { present.append(Int32(feature)) }
      counts[feature] += 1
    }
  }

  private func cachedFeature(of token: UnsafeRawBufferPointer) -> Int {
    if tokens.count == tokenLimit {
      tokens = TermTable()
      featureOfToken.removeAll(keepingCapacity: true)
    }
    let number = tokens.number(of: token)
    if number == featureOfToken.count { featureOfToken.append(Int32(feature(of: token))) }
    return Int(featureOfToken[number])
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
    guard !present.isEmpty else {
      rows.appendEmptyRow()
      return false
    }
    present.sort()
    var square = 0.0
    for feature in present {
      let weight = (1 + log(Double(counts[Int(feature)]))) * idf[Int(feature)]
      square += weight * weight
      weights.append(weight)
      counts[Int(feature)] = 0
    }
    let scale = (Double(idf.count) / square).squareRoot()
    for weight in weights { values.append(Float(weight * scale)) }
    present.withUnsafeBufferPointer { present in
      values.withUnsafeBufferPointer { rows.appendRow(indices: present, values: $0) }
    }
    present.removeAll(keepingCapacity: true)
    weights.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
    return true
  }
}
