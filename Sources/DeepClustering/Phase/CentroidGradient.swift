import DenseMath

/// The gradient of Eq. 2 with respect to the centroids, Eq. 5, of the rows given.
///
///     ∂L/∂μ_j = −Σ_i m_ij (z_i − μ_j)
///
/// - Parameters:
///   - m: From `pull`, `[samples, clusters]`.
/// - Returns: `[clusters, latent]`.
public func centroidGradient(_ z: Matrix, _ mu: Matrix, pull m: Matrix) -> Matrix {
  var gradient = Matrix(rows: mu.rows, columns: mu.columns)
  let c = z.columns
  for i in 0..<z.rows {
    for j in 0..<mu.rows {
      for l in 0..<c {
        gradient.elements[j * c + l] -=
          m[i, j] * (z.elements[i * c + l] - mu.elements[j * c + l])
      }
    }
  }
  return gradient
}
