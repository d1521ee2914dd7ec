/// The adjusted Rand index (Hubert and Arabie 1985): agreement of pairs, corrected for chance.
///
///     ARI = (Σ_cl C(n_cl, 2) − E) / (½(A + B) − E)
///     A = Σ_c C(n_c, 2),  B = Σ_l C(n_l, 2),  E = A B / C(n, 2)
///
/// Here C(n, 2) is the number of pairs of n samples, n_cl counts samples of class l in cluster c,
/// and n_c and n_l are the row and column sums.
///
/// - Returns: At most 1, about 0 by chance; 1 where both partitions are trivial and equal; nil
///   without labelled samples.
public func adjustedRandIndex(_ table: Contingency) -> Double? {
  let n = Double(table.samples)
  guard n > 0 else { return nil }
  // In Double: pairs of 10⁹ samples are 10¹⁸, and their products would overflow.
  func pairs(_ counts: [Int64]) -> Double {
    counts.reduce(0) { $0 + Double($1) * Double($1 - 1) / 2 }
  }
  let (joint, a, b) = (pairs(table.counts), pairs(table.clusterSizes), pairs(table.classSizes))
  let all = n * (n - 1) / 2
  let expected = all > 0 ? a * b / all : 0
  let largest = (a + b) / 2
  return largest == expected ? 1 : (joint - expected) / (largest - expected)
}
