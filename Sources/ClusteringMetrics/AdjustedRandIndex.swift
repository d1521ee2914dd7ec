/// The Rand index adjusted for chance (Hubert and Arabie 1985), from how many ordered pairs of samples
/// are together in their cluster (t·) and in their class (·p).
///
///     ARI = 2 (tp·tn - fn·fp) / ((tp + fn)(fn + tn) + (tp + fp)(fp + tn))
///
/// - Returns: 1 for the same partition, about 0 for chance, down to -0.5; as in scikit-learn, 1
///   where there is no pair to disagree on.
public func adjustedRandIndex(_ table: Contingency) -> Double {
  // Pairs are counted exactly: n² stays below 2^63 up to three billion samples. Their products do
  // not, and are left to Double: each is below the sum it is divided by, so no digit is lost to it.
  let n = table.samples
  precondition(n < 3_000_000_000, "\(n) samples are too many pairs to count")
  let together = squares(table.counts)
  let inCluster = squares(table.clusterSizes)
  let inClass = squares(table.classSizes)
  let (tp, fp, fn) = (together - n, inCluster - together, inClass - together)
  let tn = n * n - n - tp - fp - fn
  guard fp > 0 || fn > 0 else { return 1 }

  func product(_ a: Int, _ b: Int) -> Double { Double(a) * Double(b) }
  return 2 * (product(tp, tn) - product(fn, fp))
    / (product(tp + fn, fn + tn) + product(tp + fp, fp + tn))
}

/// ARI of assignments c_i against labels l_i; samples labelled -1 are left out.
public func adjustedRandIndex(labels: [Int32], assignments: [Int32]) -> Double {
  adjustedRandIndex(Contingency(labels: labels, assignments: assignments))
}

private func squares(_ counts: [Int]) -> Int { counts.reduce(0) { $0 + $1 * $1 } }
