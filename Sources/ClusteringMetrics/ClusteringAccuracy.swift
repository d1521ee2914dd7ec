/// Unsupervised clustering accuracy, Eq. 10: the share of samples that lie in the cluster of their
/// class, under the one-to-one mapping m of clusters to classes that serves best.
///
///     ACC = max_m Σ_i 1{l_i = m(c_i)} / n
///
/// - Returns: In 0...1; 1 where no sample is labelled.
public func clusteringAccuracy(_ table: Contingency) -> Double {
  let samples = table.samples
  guard samples > 0 else { return 1 }
  let hits = bestMapping(table).enumerated().reduce(0) { sum, match in
    match.element < 0 ? sum : sum + table[match.offset, match.element]
  }
  return Double(hits) / Double(samples)
}

/// ACC of assignments c_i against labels l_i, Eq. 10; samples labelled -1 are left out.
public func clusteringAccuracy(labels: [Int32], assignments: [Int32]) -> Double {
  clusteringAccuracy(Contingency(labels: labels, assignments: assignments))
}

/// The mapping of Eq. 10: the class of each cluster, -1 for clusters that get none because there
/// are fewer classes. A class serves one cluster at most (Kuhn 1955).
public func bestMapping(_ table: Contingency) -> [Int] {
  maximumMatching(table.counts, rows: table.clusters, columns: table.classes)
}
