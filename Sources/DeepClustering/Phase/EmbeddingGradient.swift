import DenseMath

/// The gradient of Eq. 2 with respect to the embedding, Eq. 4.
///
///     ∂L/∂z_i = Σ_j m_ij (z_i − μ_j),   m_ij = (α+1)/α · (1 + ‖z_i − μ_j‖²/α)⁻¹ · (p_ij − q_ij)
///
/// - Parameters:
///   - m: From `pull`, `[samples, clusters]`.
///   - gradient: Replaced, `[samples, latent]`.
func embeddingGradient(_ z: Matrix, _ mu: Matrix, pull m: Matrix, into gradient: inout Matrix) {
  precondition(m.rows == z.rows && m.columns == mu.rows && gradient.columns == z.columns)
  let (n, k, c) = (z.rows, mu.rows, z.columns)
  gradient.resize(rows: n)
  gradient.withUnsafeMutableElements { gradient in
    gradient.update(repeating: 0)
    z.withUnsafeElements { z in
      mu.withUnsafeElements { mu in
        m.withUnsafeElements { m in
          for i in 0..<n {
            for j in 0..<k {
              for l in 0..<c {
                gradient[i * c + l] += m[i * k + j] * (z[i * c + l] - mu[j * c + l])
              }
            }
          }
        }
      }
    }
  }
}

/// m_ij of Eq. 4 and 5, times `scale`: how strongly document i and centroid j pull at each other.
///
/// - Parameters:
///   - z: Embedded documents, `[samples, latent]`.
///   - mu: Centroids, `[clusters, latent]`.
///   - p: Target distribution, `[samples, clusters]`.
///   - q: Soft assignment of z, `[samples, clusters]`.
///   - scale: 1 for Eq. 2's sum; 1/batch for a minibatch's mean.
///   - m: Replaced, `[samples, clusters]`.
func pull(
  _ z: Matrix, _ mu: Matrix, _ p: Matrix, _ q: Matrix, alpha: Float = 1, scale: Float = 1,
  into m: inout Matrix
) {
  precondition(p.rows == z.rows && q.rows == z.rows && p.columns == mu.rows)
  let (n, k, c) = (z.rows, mu.rows, z.columns)
  m.resize(rows: n)
  m.withUnsafeMutableElements { m in
    z.withUnsafeElements { z in
      mu.withUnsafeElements { mu in
        p.withUnsafeElements { p in
          q.withUnsafeElements { q in
            for i in 0..<n {
              for j in 0..<k {
                var distance: Float = 0
                for l in 0..<c {
                  let difference = z[i * c + l] - mu[j * c + l]
                  distance += difference * difference
                }
                m[i * k + j] =
                  scale * (alpha + 1) / alpha / (1 + distance / alpha)
                  * (p[i * k + j] - q[i * k + j])
              }
            }
          }
        }
      }
    }
  }
}
