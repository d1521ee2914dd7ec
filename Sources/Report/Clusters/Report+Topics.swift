import Datasets
import Runs

extension Report {
  /// The terms in a name, and in a line of `topics.tsv`.
  private static let (nameLength, termCount) = (3, 10)
  /// The ids in a line of `topics.tsv`.
  private static let exampleCount = 5

  /// The name of a cluster whose documents have no terms.
  static func plainName(_ cluster: Int) -> String { "cluster \(cluster)" }

  /// What the clusters are about, by their terms. Where the texts are gone, `topics.tsv` still
  /// knows the names.
  static func topics(
    _ run: RunFiles, _ clusters: ClusterStatistics?, _ terms: TermStatistics?,
    _ shown: ShownDocuments
  ) throws -> [Topic] {
    guard let clusters else { return [] }
    if terms == nil, let kept = try? run.folder.topics(), kept.map(\.size) == clusters.sizes {
      return kept
    }
    let all = terms?.words(count: termCount)
    return (0..<clusters.clusterCount).map { cluster in
      let words = all?[cluster] ?? []
      return Topic(
        cluster: cluster, size: clusters.sizes[cluster],
        name: words.isEmpty
          ? plainName(cluster) : words.prefix(nameLength).joined(separator: ", "),
        terms: words,
        examples: clusters.central[cluster].prefix(exampleCount).map { shown.id($0.document) })
    }
  }
}
