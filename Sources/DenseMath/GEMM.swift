import COpenBLAS

/// How a factor of a product is read.
public enum Reading: Sendable {
  case asIs, transposed
}

/// C ← α·op(A)·op(B), or C += α·op(A)·op(B): row-major matrices through OpenBLAS's sgemm.
///
/// The shapes must agree; C has its final shape already.
public func gemm(
  _ a: Matrix, _ readA: Reading, _ b: Matrix, _ readB: Reading, scale: Float = 1,
  into c: inout Matrix, adding: Bool = false
) {
  let (m, k) = readA == .asIs ? (a.rows, a.columns) : (a.columns, a.rows)
  let (kb, n) = readB == .asIs ? (b.rows, b.columns) : (b.columns, b.rows)
  precondition(k == kb && c.rows == m && c.columns == n, "\(m)x\(k) · \(kb)x\(n)")
  guard m > 0, n > 0 else { return }
  let columns = (a: Int32(a.columns), b: Int32(b.columns), c: Int32(n))
  a.elements.withUnsafeBufferPointer { a in
    b.elements.withUnsafeBufferPointer { b in
      c.elements.withUnsafeMutableBufferPointer { c in
        cblas_sgemm(
          CblasRowMajor, readA == .asIs ? CblasNoTrans : CblasTrans,
          readB == .asIs ? CblasNoTrans : CblasTrans, Int32(m), Int32(n), Int32(k), scale,
          a.baseAddress, columns.a, b.baseAddress, columns.b, adding ? 1 : 0, c.baseAddress,
          columns.c)
      }
    }
  }
}
