import Datasets
import DenseMath
import Glibc

/// How many documents of each cluster contain each term, and which terms say most about a cluster.
///
/// The order is Sievert and Shirley's relevance (LDAvis, 2014), with frequencies of documents:
///
///     r(w | j) = λ ln p(w | j) + (1 − λ) ln (p(w | j) / p(w))
///
/// p(w | j) is the share of the term among all pairs of a document of cluster j and a term in it,
/// p(w) that among those of the corpus. λ = 1 ranks by frequency, λ = 0 by distinctiveness.
struct TermStatistics {
  /// A term of a cluster.
  struct Term {
    /// Its feature.
    var feature: Int
    /// The documents of the cluster, and of all clusters, that contain it.
    var inCluster: Int
    var inAll: Int
  }

  /// What the features are called: words, not stems.
  let words: [String]
  /// The documents of each cluster that contain each term, `[clusters, features]`.
  private let counts: [Int32]
  /// The sums of `counts` over the clusters, `[features]`.
  let totals: [Int]
  /// The sums of `counts` over the features, `[clusters]`.
  let masses: [Int]
  private let sizes: [Int]

  /// The λ that Sievert and Shirley found best.
  static let usualWeight = 0.6
  /// A term in less than this share of a cluster's documents says nothing about it.
  private static let smallestShare = 0.01

  /// - Parameter assignments: The cluster of each of the dataset's documents; -1 for none.
  /// - Returns: Nil where the dataset does not come from text, or where clusters times terms would
  ///   take more than a quarter of a gigabyte.
  init?(_ dataset: DatasetFolder, _ assignments: [Int32], clusterCount: Int) throws {
    let features = dataset.info.features
    guard dataset.info.layout == .csr, clusterCount * features < 1 << 26,
      let words = try dataset.words()
    else { return nil }
    self.words = words
    var counts = [Int32](repeating: 0, count: clusterCount * features)
    var sizes = [Int](repeating: 0, count: clusterCount)
    var rows = InputRows(columns: features, isSparse: true)
    try ClusterStatistics.forEachChunk(assignments.count) { range in
      try dataset.shard(range).gather(range, into: &rows)
      for (i, document) in range.enumerated() where assignments[document] >= 0 {
        let cluster = Int(assignments[document])
        sizes[cluster] += 1
        for e in rows.sparse.rowStarts[i]..<rows.sparse.rowStarts[i + 1] {
          counts[cluster * features + Int(rows.sparse.indices[e])] += 1
        }
      }
    }
    masses = (0..<clusterCount).map { cluster in
      counts[cluster * features..<(cluster + 1) * features].reduce(0) { $0 + Int($1) }
    }
    totals = (0..<features).map { feature in
      (0..<clusterCount).reduce(0) { $0 + Int(counts[$1 * features + feature]) }
    }
    self.counts = counts
    self.sizes = sizes
  }

  /// The terms of largest relevance to a cluster, in descending order; among equals, the first in
  /// the vocabulary.
  ///
  /// - Parameter weight: λ.
  func terms(of cluster: Int, weight: Double = usualWeight, count: Int) -> [Term] {
    let features = words.count
    let least = max(1, Int((Self.smallestShare * Double(sizes[cluster])).rounded(.up)))
    let all = Double(masses.reduce(0, +))
    let terms = (0..<features).compactMap { feature -> (term: Term, relevance: Double)? in
      let term = Term(
        feature: feature, inCluster: Int(counts[cluster * features + feature]),
        inAll: totals[feature])
      guard term.inCluster >= least else { return nil }
      let share = Double(term.inCluster) / Double(masses[cluster])
      let lift = share / (Double(term.inAll) / all)
      return (term, weight * log(share) + (1 - weight) * log(lift))
    }
    return terms.sorted {
      ($0.relevance, $1.term.feature) > ($1.relevance, $0.term.feature)
    }.prefix(count).map(\.term)
  }

  /// The terms of each cluster as words.
  func words(count: Int) -> [[String]] {
    sizes.indices.map { cluster in terms(of: cluster, count: count).map { words[$0.feature] } }
  }

  /// The terms that are among the first `count` for some λ: all that a reader can be shown.
  func candidates(of cluster: Int, count: Int) -> [Term] {
    var found: [Term] = []
    for weight in [Self.usualWeight, 0, 0.2, 0.4, 0.8, 1] {
      for term in terms(of: cluster, weight: weight, count: count)
      where !found.contains(where: { $0.feature == term.feature }) {
        found.append(term)
      }
    }
    return found
  }
}

/// The terms that characterise each cluster, at most `count` of each, the most relevant first; nil
/// where the dataset does not come from text, or is too large for the count.
package func topTerms(
  _ dataset: DatasetFolder, _ assignments: [Int32], clusterCount: Int, count: Int
) throws -> [[String]]? {
  try TermStatistics(dataset, assignments, clusterCount: clusterCount)?.words(count: count)
}
