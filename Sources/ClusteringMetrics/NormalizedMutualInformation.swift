import Glibc

/// Normalized mutual information of clusters C and classes L, over the arithmetic mean of their
/// entropies, as scikit-learn's `normalized_mutual_info_score` has it by default.
///
///     NMI = I(L; C) / ((H(L) + H(C)) / 2),   I = Σ_cl n_cl/n · ln(n · n_cl / (n_c n_l))
///
/// - Returns: In 0...1. As in scikit-learn, 1 where there is one cluster and one class or no sample
///   at all, and 0 where just one of the two is undivided.
public func normalizedMutualInformation(_ table: Contingency) -> Double {
  let n = Double(table.samples)
  let (clusterSizes, classSizes) = (table.clusterSizes, table.classSizes)
  let clusters = clusterSizes.count { $0 > 0 }
  let classes = classSizes.count { $0 > 0 }
  if clusters == classes, clusters <= 1 { return 1 }
  if clusters == 1 || classes == 1 { return 0 }

  var information = 0.0
  for c in 0..<table.clusters {
    for l in 0..<table.classes where table[c, l] > 0 {
      let count = Double(table[c, l])
      // Logarithms of the counts, not of their quotient: n·n_cl could lose digits.
      let expected = log(Double(clusterSizes[c])) + log(Double(classSizes[l])) - log(n)
      information += count / n * (log(count) - expected)
    }
  }
  let mean = (entropy(clusterSizes, of: n) + entropy(classSizes, of: n)) / 2
  // Rounding leaves ±1e-16 where the two are independent, or 1 + 1e-16 where they agree.
  return min(1, max(0, information / mean))
}

/// NMI of assignments c_i against labels l_i; samples labelled -1 are left out.
public func normalizedMutualInformation(labels: [Int32], assignments: [Int32]) -> Double {
  normalizedMutualInformation(Contingency(labels: labels, assignments: assignments))
}

/// H = -Σ n_j/n · ln(n_j/n), in nats.
private func entropy(_ sizes: [Int], of n: Double) -> Double {
  sizes.reduce(0) { sum, size in
    size == 0 ? sum : sum - Double(size) / n * (log(Double(size)) - log(n))
  }
}
