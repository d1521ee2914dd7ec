import COpenBLAS
import DenseMath
import Diagnostics

/// SEC's regression, eliminated from its objective:
///
///     L_g = H − X_c (X_cᵀ X_c + γ I)⁻¹ X_cᵀ,  `[n, n]`, never formed.
///
/// It is what of F no ridge regression on X explains. Eigenvalues are 0 for the constant vector and
/// γ / (s² + γ) along a left singular vector of X_c with singular value s.
struct RidgeProjection {
  private let x: CentredRows
  /// The Cholesky factor of X_cᵀ X_c + γ I, as LAPACK stores it.
  private let factor: [Double]

  /// - Parameter gamma: γ, positive.
  init(_ x: CentredRows, gamma: Double) throws {
    self.x = x
    var (a, size, status) = (x.gram(), Int32(x.dimension), Int32(0))
    for l in 0..<x.dimension { a[l * x.dimension + l] += gamma }
    dpotrf_("U", &size, &a, &size, &status, 1)
    guard status == 0 else {
      throw Failure(
        .work, "the regression of SEC has no solution at --gamma \(gamma): try a larger one")
    }
    factor = a
  }

  /// y ← y + μ L_g v.
  func add(_ mu: Double, _ v: UnsafePointer<Double>, to y: UnsafeMutablePointer<Double>) {
    let n = x.count
    var u = x.multiplyTransposed(v)
    var (size, one, status) = (Int32(x.dimension), Int32(1), Int32(0))
    dpotrs_("U", &size, &one, factor, &size, &u, &size, &status, 1)
    var explained = [Double](repeating: 0, count: n)
    x.multiply(u, into: &explained)
    let mean = (0..<n).reduce(0.0) { $0 + v[$1] } / Double(n)
    for i in 0..<n { y[i] += mu * (v[i] - mean - explained[i]) }
  }
}

/// Q `[n, r + 1]` with L_g = I − Q Qᵀ: a constant column and the left singular vectors of X_c,
/// times s / √(s² + γ).
struct RidgeFactor {
  /// r + 1.
  let columns: Int
  /// `[n, r + 1]`.
  let q: [Double]
  /// 1 − ‖q_j‖²: 0, then γ / (s_j² + γ).
  let rest: [Double]

  /// - Parameter dropping: Singular values below this share of the largest are left out.
  init(_ x: CentredRows, gamma: Double, dropping: Double) {
    let (n, d) = (x.count, x.dimension)
    // By the eigenvectors of the smaller of X_cᵀ X_c and X_c X_cᵀ.
    let isPrimal = d <= n
    let size = isPrimal ? d : n
    let (squares, vectors) = symmetricEigenvectors(isPrimal ? x.gram() : x.outer(), size)
    let least = dropping * dropping * max(0, squares.last ?? 0)
    let kept = squares.indices.filter { squares[$0] > least }
    let r = kept.count
    var v = [Double](repeating: 0, count: size * r)
    for (j, e) in kept.enumerated() {
      let scale =
        isPrimal
        ? 1 / (squares[e] + gamma).squareRoot() : (squares[e] / (squares[e] + gamma)).squareRoot()
      for l in 0..<size { v[l * r + j] = vectors[e * size + l] * scale }
    }
    let u = isPrimal ? x.multiply(matrix: v, columns: r) : v
    var q = [Double](repeating: 1 / Double(n).squareRoot(), count: n * (r + 1))
    q.withUnsafeMutableBufferPointer { q in
      u.withUnsafeBufferPointer { u in
        for i in 0..<n { for j in 0..<r { q[i * (r + 1) + 1 + j] = u[i * r + j] } }
      }
    }
    columns = r + 1
    self.q = q
    rest = [0] + kept.map { gamma / (squares[$0] + gamma) }
  }
}
