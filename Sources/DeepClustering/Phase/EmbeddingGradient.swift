import DenseMath

/// The gradient of Eq. 2 with respect to the embedding, Eq. 4.
///
///     ∂L/∂z_i = Σ_j m_ij (z_i − μ_j),   m_ij = (α+1)/α · (1 + ‖z_i − μ_j‖²/α)⁻¹ · (p_ij − q_ij)
///
/// - Parameters:
///   - m: From `pull`, `[samples, clusters]`.
/// - Returns: `[samples, latent]`.
public func embeddingGradient(_ z: Matrix, _ mu: Matrix, pull m: Matrix) -> Matrix {
  var gradient = Matrix(rows: z.rows, columns: z.columns)
  let c = z.columns
  for i in 0..<z.rows {
    for j in 0..<mu.rows {
      for l in 0..<c {
        gradient.elements[i * c + l] +=
          m[i, j] * (z.elements[i * c + l] - mu.elements[j * c + l])
      }
    }
  }
  return gradient
}

/// m_ij of Eq. 4 and 5, times `scale`: how strongly document i and centroid j pull at each other.
///
/// - Parameters:
///   - z: Embedded documents, `[samples, latent]`.
///   - mu: Centroids, `[clusters, latent]`.
///   - p: Target distribution, `[samples, clusters]`.
///   - q: Soft assignment of z, `[samples, clusters]`.
///   - scale: 1 for Eq. 2's sum; 1/batch for a minibatch's mean.
/// - Returns: `[samples, clusters]`.
public func pull(
  _ z: Matrix, _ mu: Matrix, _ p: Matrix, _ q: Matrix, alpha: Float = 1, scale: Float = 1
) -> Matrix {
  precondition(p.rows == z.rows && q.rows == z.rows && p.columns == mu.rows)
  var m = Matrix(rows: z.rows, columns: mu.rows)
  let (k, c) = (mu.rows, z.columns)
  for i in 0..<z.rows {
    for j in 0..<k {
      var distance: Float = 0
      for l in 0..<c {
        let difference = z.elements[i * c + l] - mu.elements[j * c + l]
        distance += difference * difference
      }
      m.elements[i * k + j] =
        scale * (alpha + 1) / alpha / (1 + distance / alpha)
        * (p.elements[i * k + j] - q.elements[i * k + j])
    }
  }
  return m
}
