/// How well each of several clusterings of the same samples agrees with the others: the mean
/// normalized mutual information between its clusters and theirs. No labels take part.
///
/// - Parameter tables: `tables[a][b]` for b < a: the contingency table of clusterings a and b over
///   all samples.
/// - Returns: A value in [0, 1] for each clustering; 0 where there is one only.
public func meanAgreement(_ tables: [[Contingency]]) -> [Double] {
  var agreement = [Double](repeating: 0, count: tables.count)
  for a in tables.indices {
    for b in 0..<a {
      let nmi = (normalizedMutualInformation(tables[a][b]) ?? 0) / Double(tables.count - 1)
      agreement[a] += nmi
      agreement[b] += nmi
    }
  }
  return agreement
}
