import Datasets
import Glibc
import Text

/// Term weights of a corpus, as scikit-learn's CountVectorizer(max_features) and
/// TfidfTransformer(norm="l2", sublinear_tf=True) compute them, times √d as in the authors' code.
///
///     x = (1 + ln count) · (ln((1 + n) / (1 + df)) + 1), divided by its row's norm, times √d
public struct TfIdf {
  /// The features in byte order of their terms.
  public let vocabulary: [VocabularyEntry]
  private let corpus: TermCounts
  /// The feature of each term; -1 for none.
  private let featureOfTerm: [Int32]

  /// Chooses the `settings.features` most frequent terms; of equals the first in byte order.
  public init(_ corpus: TermCounts) {
    self.corpus = corpus
    var totals = [Int64](repeating: 0, count: corpus.table.count)
    var frequencies = [Int](repeating: 0, count: corpus.table.count)
    for (term, count) in zip(corpus.terms, corpus.counts) {
      totals[Int(term)] += Int64(count)
      frequencies[Int(term)] += 1
    }
    // Only terms that reach the cut are made Strings; those of dropped documents alone never do.
    let limit = corpus.settings.features
    let cut = totals.count > limit ? max(1, totals.sorted(by: >)[limit - 1]) : 1
    let chosen = totals.indices.filter { totals[$0] >= cut }
      .map { (term: $0, text: String(decoding: corpus.table.term($0), as: UTF8.self)) }
      .sorted {
        totals[$0.term] != totals[$1.term]
          ? totals[$0.term] > totals[$1.term]
          : $0.text.utf8.lexicographicallyPrecedes($1.text.utf8)
      }
      .prefix(limit)
      .sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
    var featureOfTerm = [Int32](repeating: -1, count: totals.count)
    vocabulary = chosen.enumerated().map { feature, term in
      featureOfTerm[term.term] = Int32(feature)
      let df = frequencies[term.term]
      return VocabularyEntry(
        term: term.text, documentFrequency: df,
        idf: log(Double(1 + corpus.count) / Double(1 + df)) + 1)
    }
    self.featureOfTerm = featureOfTerm
  }

  /// One document: features ascending, and their weights. No entry where it has none of the features.
  public func row(_ document: Int) -> (indices: [Int32], values: [Float]) {
    var entries: [(feature: Int32, weight: Double)] = []
    for e in corpus.rowStarts[document]..<corpus.rowStarts[document + 1] {
      let feature = featureOfTerm[Int(corpus.terms[e])]
      guard feature >= 0 else { continue }
      let weight = (1 + log(Double(corpus.counts[e]))) * vocabulary[Int(feature)].idf
      entries.append((feature, weight))
    }
    entries.sort { $0.feature < $1.feature }
    let square = entries.reduce(0) { $0 + $1.weight * $1.weight }
    let scale = (Double(vocabulary.count) / square).squareRoot()
    return (entries.map(\.feature), entries.map { Float($0.weight * scale) })
  }
}
