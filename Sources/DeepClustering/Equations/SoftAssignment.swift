import DenseMath
import Glibc

/// The soft assignment, Eq. 1: Student's t-kernel between embedded documents and centroids.
///
///     q_ij = (1 + ‖z_i − μ_j‖²/α)^(−(α+1)/2) / Σ_j' (1 + ‖z_i − μ_j'‖²/α)^(−(α+1)/2)
///
/// - Parameters:
///   - z: Embedded documents, `[samples, latent]`.
///   - mu: Centroids, `[clusters, latent]`.
///   - alpha: Degrees of freedom; the paper's is 1.
/// - Returns: q, `[samples, clusters]`; positive, and each row sums to 1.
public func softAssignment(_ z: Matrix, _ mu: Matrix, alpha: Float = 1) -> Matrix {
  var q = Matrix(rows: z.rows, columns: mu.rows)
  softAssignment(z, mu, alpha: alpha, into: &q)
  return q
}

/// q ← the soft assignment, in the memory that is there.
func softAssignment(_ z: Matrix, _ mu: Matrix, alpha: Float = 1, into q: inout Matrix) {
  precondition(z.columns == mu.columns, "\(z.columns) and \(mu.columns) latent dimensions")
  q.resize(rows: z.rows)
  let (z, centroids) = (Rows(z), CentroidColumns(mu))
  q.withMutableRows { q in
    centroids.withDistances { distances in
      for i in z.indices {
        centroids.squaredDistances(of: z[i], into: distances)
        let q = q[i]
        for j in 0..<centroids.count {
          let kernel = 1 / (1 + distances[j] / alpha)
          q[j] = alpha == 1 ? kernel : powf(kernel, (alpha + 1) / 2)
        }
        var sum: Float = 0
        for j in 0..<centroids.count { sum += q[j] }
        for j in 0..<centroids.count { q[j] /= sum }
      }
    }
  }
}

/// ‖z_i − μ_j‖².
@inline(__always)
func squaredDistance(_ z: Rows, _ i: Int, _ mu: Rows, _ j: Int) -> Float {
  var distance: Float = 0
  for l in 0..<z.columns {
    let difference = z[i, l] - mu[j, l]
    distance += difference * difference
  }
  return distance
}
