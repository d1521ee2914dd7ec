import CHost
import COpenBLAS

/// Whether a factor of a product is transposed, as op(A) in BLAS.
public enum Reading: Sendable {
  case asIs, transposed

  fileprivate var flag: CBLAS_TRANSPOSE { self == .asIs ? CblasNoTrans : CblasTrans }
}

/// C ← α·op(A)·op(B), or C += α·op(A)·op(B) where `adding`, by OpenBLAS's sgemm. Each thread
/// computes a range of the rows or of the columns of C.
///
/// C has its final shape, and the shapes must agree. `scale` is α.
public func gemm(
  _ a: Matrix, _ readA: Reading, _ b: Matrix, _ readB: Reading, scale: Float = 1,
  into c: inout Matrix, adding: Bool = false
) {
  let (m, k) = readA == .asIs ? (a.rows, a.columns) : (a.columns, a.rows)
  let (kb, n) = readB == .asIs ? (b.rows, b.columns) : (b.columns, b.rows)
  precondition(k == kb && c.rows == m && c.columns == n, "\(m)x\(k) · \(kb)x\(n)")
  guard m > 0, n > 0 else { return }
  // The ranges are multiples of 16, the width of sgemm's kernels. Below two million multiplications
  // another thread costs more than it saves.
  let (byRows, length) = m > n ? (true, m) : (false, n)
  let grain = max(16, (1 << 21) / max(1, m * n * k / length))
  let (a, b) = (Rows(a), Rows(b))
  c.withMutableRows { c in
    Threads.split((length + 15) / 16, grain: (grain + 15) / 16) { part in
      let (first, last) = (part.lowerBound * 16, min(length, part.upperBound * 16))
      let (row, column) = byRows ? (first, 0) : (0, first)
      ProductTime.measure {
        cblas_sgemm(
          CblasRowMajor, readA.flag, readB.flag, Int32(byRows ? last - first : m),
          Int32(byRows ? n : last - first), Int32(k), scale,
          readA == .asIs ? a[row] : a[0] + row, Int32(a.columns),
          readB == .asIs ? b[0] + column : b[column], Int32(b.columns), adding ? 1 : 0,
          c[row] + column, Int32(c.columns))
      }
    }
  }
}

/// C ← A·op(B), or C += A·op(B) where `adding`, as one product for each tile of `tile` rows, on all
/// threads. All products have the same shape, so the bits of a row depend on its index within its
/// tile alone.
///
/// The number of rows of A is a multiple of `tile`.
public func gemm(
  _ a: Matrix, _ b: Matrix, _ readB: Reading, adding: Bool, tile: Int, into c: inout Matrix
) {
  let (k, n) = readB == .asIs ? (b.rows, b.columns) : (b.columns, b.rows)
  precondition(a.columns == k && c.rows == a.rows && c.columns == n && a.rows % tile == 0)
  let (a, b) = (Rows(a), Rows(b))
  c.withMutableRows { c in
    Threads.forEachAlone(a.count / tile) { t in
      ProductTime.measure {
        cblas_sgemm(
          CblasRowMajor, CblasNoTrans, readB.flag, Int32(tile), Int32(n), Int32(k), 1,
          a[t * tile], Int32(k), b[0], Int32(b.columns), adding ? 1 : 0, c[t * tile], Int32(n))
      }
    }
  }
}

/// The time that threads spend in sgemm, for benchmarks.
public enum ProductTime {
  /// Whether products are timed. Set it only while no product runs.
  nonisolated(unsafe) public static var isMeasured = false

  /// The seconds in sgemm since the last call, summed over all threads.
  public static func take() -> Double { Double(chost_take_time()) * 1e-9 }

  @inline(__always)
  static func measure(_ product: () -> Void) {
    guard isMeasured else { return product() }
    let start = chost_now()
    product()
    chost_add_time(chost_now() - start)
  }
}
