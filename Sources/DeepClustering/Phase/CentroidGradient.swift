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
  let (n, k, c) = (z.rows, mu.rows, z.columns)
  gradient.withUnsafeMutableBufferPointer { gradient in
    gradient[..<(k * c)].update(repeating: 0)
    z.withUnsafeElements { z in
      mu.withUnsafeElements { mu in
        m.withUnsafeElements { m in
          for i in 0..<n {
            for j in 0..<k {
              for l in 0..<c {
                gradient[j * c + l] -= rounded(m[i * k + j] * (z[i * c + l] - mu[j * c + l]))
              }
            }
          }
        }
      }
    }
  }
}
