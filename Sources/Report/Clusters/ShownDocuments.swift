import Datasets

/// The documents that the page shows: those in the middle and at the border of the clusters, and a
/// sample for the map, with their ids and the openings of their texts.
struct ShownDocuments {
  /// A selection evenly spaced over the dataset, ascending.
  let sample: [Int]
  private let ids: [Int: String]
  private let openings: [Int: String]

  /// The most documents on the map.
  private static let sampleSize = 1500

  init(_ run: RunFiles, _ clusters: ClusterStatistics?, _ texts: DocumentTexts?) throws {
    let n = clusters == nil ? 0 : run.samples ?? 0
    let m = min(n, Self.sampleSize)
    sample = (0..<m).map { $0 * n / m }
    let exemplars = ((clusters?.central ?? []) + (clusters?.borderline ?? [])).flatMap { $0 }
    let documents = Array(Set(sample + exemplars.map(\.document)))
    ids = run.ids(of: documents)
    openings = try texts?.openings(of: documents) ?? [:]
  }

  func id(_ document: Int) -> String { ids[document] ?? "document \(document)" }

  /// The opening of a document's text, cut to `length` characters; nil where it is unknown or
  /// empty.
  func opening(_ document: Int, length: Int) -> String? {
    guard let opening = openings[document], !opening.isEmpty else { return nil }
    return opening.count > length ? opening.prefix(length - 1) + "…" : opening
  }

  /// The first `count` of the list with different openings.
  func distinct(
    _ list: [ClusterStatistics.Exemplar], count: Int
  ) -> [ClusterStatistics.Exemplar] {
    var seen = Set<String>()
    return Array(
      list.filter { exemplar in
        guard let opening = openings[exemplar.document] else { return true }
        return seen.insert(opening).inserted
      }.prefix(count))
  }
}
