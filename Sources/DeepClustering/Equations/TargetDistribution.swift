import DenseMath
import Glibc

/// The target distribution, Eq. 3: sharpens q and divides by cluster frequency, so that large
/// clusters do not distort the embedding.
///
///     p_ij = (q_ij² / f_j^e) / Σ_j' (q_ij'² / f_j'^e)
///
/// - Parameters:
///   - q: Soft assignment, `[samples, clusters]`, positive, and each row sums to 1; replaced by p.
///   - f: Soft frequencies, `[clusters]`: the column sums of q over *all* ranks.
///   - exponent: e, 1 in the paper; lower ones push less towards clusters of equal size.
func targetDistribution(
  inPlaceOf q: inout Matrix, softFrequencies f: [Double], exponent: Double = 1
) {
  precondition(f.count == q.columns, "\(f.count) frequencies for \(q.columns) clusters")
  let k = q.columns
  withUnsafeTemporaryAllocation(of: Float.self, capacity: k) { weight in
    // An empty cluster has f = 0 where its q underflows; its share of p is then 0 as well.
    for j in 0..<k { weight[j] = Float(f[j] > 0 ? pow(f[j], -exponent) : 0) }
    q.withMutableRows { p in
      for i in p.indices {
        var sum: Float = 0
        for j in 0..<k {
          p[i, j] *= p[i, j] * weight[j]
          sum += p[i, j]
        }
        for j in 0..<k { p[i, j] /= sum }
      }
    }
  }
}
