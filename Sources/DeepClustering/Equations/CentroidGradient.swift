import DenseMath

/// The gradient of Eq. 2 with respect to the centroids, Eq. 5, of the rows given.
///
///     ∂L/∂μ_j = −Σ_i m_ij (z_i − μ_j)
///
/// - Parameters:
///   - m: From `pull`, `[samples, clusters]`.
///   - rounded: Makes something of each document's term before they are summed.
///   - gradient: Replaced, `[clusters, latent]` row after row.
@inline(__always)
func centroidGradient<Sum: BinaryFloatingPoint>(
  _ z: Matrix, _ mu: Matrix, pull m: Matrix, rounded: (Float) -> Sum = { Sum($0) },
  into gradient: inout [Sum]
) {
  precondition(m.rows == z.rows && m.columns == mu.rows && gradient.count >= mu.count)
  let (z, mu, m) = (Rows(z), Rows(mu), Rows(m))
  let c = mu.columns
  gradient.withUnsafeMutableBufferPointer { dmu in
    dmu[..<(mu.count * c)].update(repeating: 0)
    for i in z.indices {
      for j in mu.indices {
        for l in 0..<c { dmu[j * c + l] -= rounded(m[i, j] * (z[i, l] - mu[j, l])) }
      }
    }
  }
}
