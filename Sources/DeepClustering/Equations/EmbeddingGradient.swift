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
  let c = z.columns
  gradient.resize(rows: z.rows)
  let (z, mu, m) = (Rows(z), Rows(mu), Rows(m))
  gradient.withMutableRows { dz in
    for i in z.indices {
      dz[i].update(repeating: 0, count: c)
      for j in mu.indices {
        for l in 0..<c { dz[i, l] += m[i, j] * (z[i, l] - mu[j, l]) }
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
  m.resize(rows: z.rows)
  let (z, centroids, p, q) = (Rows(z), CentroidColumns(mu), Rows(p), Rows(q))
  m.withMutableRows { m in
    centroids.withDistances { distances in
      for i in z.indices {
        centroids.squaredDistances(of: z[i], into: distances)
        for j in 0..<centroids.count {
          m[i, j] = scale * (alpha + 1) / alpha / (1 + distances[j] / alpha) * (p[i, j] - q[i, j])
        }
      }
    }
  }
}
