import COpenBLAS
import DenseMath
import Diagnostics

/// (M + ε I)⁻¹ for M = L_t + μ (I − Q Qᵀ) at any μ, by Woodbury's identity on S = L_t + (μ + ε) I:
///
///     (M + ε I)⁻¹ v = z + μ V T⁻¹ Vᵀ v,  z = S⁻¹ v,  V = S⁻¹ Q,
///     T = diag(1 − ‖q_j‖²) + Qᵀ (L_t + ε I) V.
///
/// The textbook's 1/μ I − Qᵀ S⁻¹ Q is T / μ, but loses the digits of 1 / μ.
struct WoodburyInverse {
  /// ε, which makes M invertible.
  static let shift = 1e-7

  private let laplacian: (UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void
  private let n: Int
  private let r: Int
  private let mu: Double
  /// V, one column behind the other.
  private let v: Vectors
  /// The Cholesky factor of T.
  private let factor: [Double]

  /// - Parameter laplacian: y ← L_t x.
  init(
    _ ridge: RidgeFactor, mu: Double, count n: Int,
    laplacian: @escaping (UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void
  ) throws {
    let r = ridge.columns
    (self.n, self.r, self.mu, self.laplacian) = (n, r, mu, laplacian)
    var v = Vectors(length: n, count: r)
    var t = [Double](repeating: 0, count: r * r)
    // Some columns at a time: (L_t + ε I) V need not be in memory whole.
    for first in stride(from: 0, to: r, by: 64) {
      let columns = first..<min(r, first + 64)
      let images = Self.columns(columns, of: ridge, &v, n, mu: mu, laplacian)
      // Rows of T, which is symmetric.
      t.withUnsafeMutableBufferPointer {
        gemm(
          columns.count, r, n, 1, images.elements, transposed: false, ridge.q, transposed: false, 0,
          into: $0.baseAddress! + first * r)
      }
    }
    for a in 0..<r {
      t[a * r + a] += ridge.rest[a]
      for b in 0..<a {
        let mean = (t[a * r + b] + t[b * r + a]) / 2
        (t[a * r + b], t[b * r + a]) = (mean, mean)
      }
    }
    var (size, status) = (Int32(r), Int32(0))
    dpotrf_("U", &size, &t, &size, &status, 1)
    guard status == 0 else {
      throw Failure(.work, "SEC's matrix could not be inverted at --mu \(mu): try a smaller one")
    }
    (self.v, factor) = (v, t)
  }

  /// Columns of V, and (L_t + ε I) V of them.
  private static func columns(
    _ columns: Range<Int>, of ridge: RidgeFactor, _ v: inout Vectors, _ n: Int, mu: Double,
    _ laplacian: (UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void
  ) -> Vectors {
    var images = Vectors(length: n, count: columns.count)
    v.elements.withUnsafeMutableBufferPointer { v in
      images.elements.withUnsafeMutableBufferPointer { images in
        nonisolated(unsafe) let (v, images) = (v.baseAddress!, images.baseAddress!)
        Threads.forEachAlone(columns.count) { place in
          let j = columns.lowerBound + place
          let (x, y) = (v + j * n, images + place * n)
          solve(
            laplacian, diagonal: mu + shift, (0..<n).map { ridge.q[$0 * ridge.columns + j] }, n,
            into: x)
          laplacian(x, y)
          cblas_daxpy(Int32(n), shift, x, 1, y, 1)
        }
      }
    }
    return images
  }

  /// y ← (M + ε I)⁻¹ x.
  func apply(_ x: UnsafePointer<Double>, _ y: UnsafeMutablePointer<Double>) {
    Self.solve(
      laplacian, diagonal: mu + Self.shift, Array(UnsafeBufferPointer(start: x, count: n)), n,
      into: y)
    var along = [Double](repeating: 0, count: r)
    cblas_dgemv(
      CblasRowMajor, CblasNoTrans, Int32(r), Int32(n), 1, v.elements, Int32(n), x, 1, 0, &along, 1)
    var (size, one, status) = (Int32(r), Int32(1), Int32(0))
    dpotrs_("U", &size, &one, factor, &size, &along, &size, &status, 1)
    cblas_dgemv(
      CblasRowMajor, CblasTrans, Int32(r), Int32(n), mu, v.elements, Int32(n), along, 1, 1, y, 1)
  }

  /// x ← S⁻¹ b by conjugate gradients; S = L_t + `diagonal` I has the condition (2 + μ) / μ.
  static func solve(
    _ laplacian: (UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void, diagonal: Double,
    _ b: [Double], _ n: Int, into x: UnsafeMutablePointer<Double>
  ) {
    x.update(repeating: 0, count: n)
    var (r, p, ap) = (b, b, [Double](repeating: 0, count: n))
    var square = dot(r, r, n)
    let target = 1e-30 * square
    for _ in 0..<500 where square > target {
      laplacian(p, &ap)
      cblas_daxpy(Int32(n), diagonal, p, 1, &ap, 1)
      let step = square / dot(p, ap, n)
      cblas_daxpy(Int32(n), step, p, 1, x, 1)
      cblas_daxpy(Int32(n), -step, ap, 1, &r, 1)
      let next = dot(r, r, n)
      cblas_dscal(Int32(n), next / square, &p, 1)
      cblas_daxpy(Int32(n), 1, r, 1, &p, 1)
      square = next
    }
  }
}
