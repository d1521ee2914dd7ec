import DenseMath
import Glibc

/// The target distribution, Eq. 3: sharpens q and divides by cluster frequency, so that large clusters
/// do not distort the embedding.
///
///     p_ij = (q_ij² / f_j^e) / Σ_j' (q_ij'² / f_j'^e)
///
/// - Parameters:
///   - q: Soft assignment, `[samples, clusters]`; positive, and each row sums to 1.
///   - f: Soft frequencies, `[clusters]`: the column sums of q over *all* ranks.
///   - exponent: e, 1 in the paper; lower ones push less towards clusters of equal size.
/// - Returns: p, `[samples, clusters]`; each row sums to 1.
public func targetDistribution(
  softAssignment q: Matrix, softFrequencies f: [Double], exponent: Double = 1
) -> Matrix {
  precondition(f.count == q.columns, "\(f.count) frequencies for \(q.columns) clusters")
  // An empty cluster has f = 0 where its q underflows; its share of p is then 0 as well.
  let weight = f.map { Float($0 > 0 ? pow($0, -exponent) : 0) }
  var p = q
  let k = q.columns
  for i in 0..<q.rows {
    var sum: Float = 0
    for j in 0..<k {
      p.elements[i * k + j] *= p.elements[i * k + j] * weight[j]
      sum += p.elements[i * k + j]
    }
    for j in 0..<k { p.elements[i * k + j] /= sum }
  }
  return p
}
