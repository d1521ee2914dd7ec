import DenseMath
import Glibc

/// The clustering loss, Eq. 2: KL(P‖Q) = Σ_i Σ_j p_ij ln(p_ij / q_ij), a sum over the rows given.
///
/// - Parameters:
///   - p: Target distribution, `[samples, clusters]`.
///   - q: Soft assignment, `[samples, clusters]`.
public func klDivergence(_ p: Matrix, _ q: Matrix) -> Double {
  precondition(p.rows == q.rows && p.columns == q.columns)
  var sum = 0.0
  p.withUnsafeElements { p in
    q.withUnsafeElements { q in
      for (p, q) in zip(p, q) where p > 0 { sum += Double(p) * log(Double(p) / Double(q)) }
    }
  }
  return sum
}
