import Glibc

/// Normalized mutual information with the arithmetic mean of the entropies (the paper's
/// Section 5.5).
///
///     NMI = 2 I(l, c) / (H(l) + H(c))
///
/// - Returns: A number in 0...1; 1 where there is one class and one cluster, as in scikit-learn;
///   nil without labelled samples.
public func normalizedMutualInformation(_ table: Contingency) -> Double? {
  let n = Double(table.samples)
  guard n > 0 else { return nil }
  let clusterSizes = table.clusterSizes.map(Double.init)
  let classSizes = table.classSizes.map(Double.init)
  func entropy(_ sizes: [Double]) -> Double {
    sizes.reduce(0) { $0 - ($1 > 0 ? $1 / n * log($1 / n) : 0) }
  }
  let (h, g) = (entropy(clusterSizes), entropy(classSizes))
  // One class and one cluster: h + g is 0.
  if clusterSizes.contains(n), classSizes.contains(n) { return 1 }
  var information = 0.0
  for c in 0..<table.clusters {
    for l in 0..<table.classes where table[c, l] > 0 {
      let joint = Double(table[c, l])
      information += joint / n * log(joint * n / (clusterSizes[c] * classSizes[l]))
    }
  }
  // Rounding errors can take independent partitions slightly below 0.
  return min(1, max(0, 2 * information / (h + g)))
}
