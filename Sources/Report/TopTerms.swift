import Datasets
import DenseMath

/// The terms that characterise each cluster: those whose mean tf-idf in the cluster exceeds the
/// mean over the corpus by most.
///
/// - Returns: At most `count` terms for each cluster, the largest excess first; nil where the
///   dataset does not come from text, or where clusters times terms would take more than half a
///   gigabyte.
package func topTerms(
  _ dataset: DatasetFolder, _ assignments: [Int32], clusterCount: Int, count: Int
) throws -> [[String]]? {
  let features = dataset.info.features
  guard dataset.info.layout == .csr, clusterCount * features < 1 << 26,
    let vocabulary = try dataset.vocabulary()
  else { return nil }

  var sums = [Double](repeating: 0, count: clusterCount * features)
  var sizes = [Int](repeating: 0, count: clusterCount)
  var rows = InputRows(columns: features, isSparse: true)
  try ClusterStatistics.forEachChunk(assignments.count) { range in
    try dataset.shard(range).gather(range, into: &rows)
    for (i, document) in range.enumerated() {
      let base = Int(assignments[document]) * features
      sizes[Int(assignments[document])] += 1
      for e in rows.sparse.rowStarts[i]..<rows.sparse.rowStarts[i + 1] {
        sums[base + Int(rows.sparse.indices[e])] += Double(rows.sparse.values[e])
      }
    }
  }

  let n = Double(assignments.count)
  let means = (0..<features).map { feature in
    (0..<clusterCount).reduce(0) { $0 + sums[$1 * features + feature] } / n
  }
  return (0..<clusterCount).map { cluster in
    guard sizes[cluster] > 0 else { return [] }
    let excess = (0..<features).map {
      sums[cluster * features + $0] / Double(sizes[cluster]) - means[$0]
    }
    return (0..<features).filter { excess[$0] > 0 }
      .sorted { (excess[$0], $1) > (excess[$1], $0) }
      .prefix(count).map { vocabulary[$0].term }
  }
}
