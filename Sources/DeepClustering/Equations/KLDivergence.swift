import DenseMath
import Glibc

/// The clustering loss, Eq. 2: KL(P‖Q) = Σ_i Σ_j p_ij ln(p_ij / q_ij), a sum over the rows given.
///
/// - Parameters:
///   - p: Target distribution, `[samples, clusters]`.
///   - q: Soft assignment, `[samples, clusters]`.
public func klDivergence(_ p: Matrix, _ q: Matrix) -> Double {
  precondition(p.rows == q.rows && p.columns == q.columns)
  let (p, q) = (Rows(p), Rows(q))
  var sum = 0.0
  for i in p.indices {
    for j in 0..<p.columns where p[i, j] > 0 {
      sum += Double(p[i, j]) * log(Double(p[i, j]) / Double(q[i, j]))
    }
  }
  return sum
}
