import Datasets
import Glibc
import Text

/// Term weights of a corpus, written plainly: scikit-learn's CountVectorizer(max_features, max_df)
/// and TfidfTransformer(norm="l2", sublinear_tf=True), or Okapi BM25 with unit rows; times √d as in
/// the authors' code.
///
///     tfidf:  x = (1 + ln tf) · (ln((1 + n) / (1 + df)) + 1)
///     bm25:   x = tf · 2.2 / (tf + 1.2 (0.25 + 0.75 length / average)) · ln(1 + (n−df+½)/(df+½))
public struct TfIdf {
  /// The features in byte order of their terms.
  public let vocabulary: [VocabularyEntry]
  /// The average number of occurrences of the vocabulary's terms in a document; nil without BM25.
  public let averageLength: Double?
  private let corpus: TermCounts
  /// The feature of each term; -1 for none.
  private let featureOfTerm: [Int32]

  /// Selects the `settings.features` most frequent terms; among equals, the first in byte order.
  public init(_ corpus: TermCounts) {
    self.corpus = corpus
    let settings = corpus.settings
    var totals = [Int64](repeating: 0, count: corpus.table.count)
    var frequencies = [Int](repeating: 0, count: corpus.table.count)
    for (term, count) in zip(corpus.terms, corpus.counts) {
      totals[Int(term)] += Int64(count)
      frequencies[Int(term)] += 1
    }
    // Terms that occur only in dropped documents have a total of 0.
    let n = Double(corpus.count)
    let chosen = totals.indices
      .filter {
        totals[$0] > 0 && Double(frequencies[$0]) <= settings.maximumDocumentFrequency * n
      }
      .map { (term: $0, text: String(decoding: corpus.table.term($0), as: UTF8.self)) }
      .sorted {
        totals[$0.term] != totals[$1.term]
          ? totals[$0.term] > totals[$1.term]
          : $0.text.utf8.lexicographicallyPrecedes($1.text.utf8)
      }
      .prefix(settings.features)
      .sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
    var featureOfTerm = [Int32](repeating: -1, count: totals.count)
    vocabulary = chosen.enumerated().map { feature, term in
      featureOfTerm[term.term] = Int32(feature)
      let df = Double(frequencies[term.term])
      return VocabularyEntry(
        term: term.text, documentFrequency: Int(df),
        idf: settings.weight == .tfidf
          ? log((1 + n) / (1 + df)) + 1 : log(1 + (n - df + 0.5) / (df + 0.5)))
    }
    self.featureOfTerm = featureOfTerm
    let occurrences = chosen.reduce(0) { $0 + totals[$1.term] }
    averageLength = settings.weight == .bm25 ? Double(occurrences) / n : nil
  }

  /// A document as ascending features and their weights; empty if it contains none of the features.
  public func row(_ document: Int) -> (indices: [Int32], values: [Float]) {
    var entries: [(feature: Int32, count: Double)] = []
    for e in corpus.rowStarts[document]..<corpus.rowStarts[document + 1] {
      let feature = featureOfTerm[Int(corpus.terms[e])]
      if feature >= 0 { entries.append((feature, Double(corpus.counts[e]))) }
    }
    entries.sort { $0.feature < $1.feature }
    let length = entries.reduce(0) { $0 + $1.count }
    let weights = entries.map { entry in
      let idf = vocabulary[Int(entry.feature)].idf
      guard let averageLength else { return (1 + log(entry.count)) * idf }
      // In the order of operations of the product, since the tests compare bits.
      let saturation = 1.2 * (1 - 0.75) + 1.2 * 0.75 / averageLength * length
      return idf * (entry.count * (1.2 + 1) / (entry.count + saturation))
    }
    let square = weights.reduce(0) { $0 + $1 * $1 }
    let scale = (Double(vocabulary.count) / square).squareRoot()
    return (entries.map(\.feature), weights.map { Float($0 * scale) })
  }
}
