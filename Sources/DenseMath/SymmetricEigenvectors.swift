import COpenBLAS

/// The eigenvalues of a symmetric matrix in ascending order, and their unit eigenvectors, by
/// LAPACK's dsyevd.
///
/// - Parameter matrix: `[n, n]`, symmetric and finite.
/// - Returns: The eigenvector of `values[i]` is row i of `vectors`, `[n, n]`.
public func symmetricEigenvectors(
  _ matrix: [Double], _ n: Int
) -> (values: [Double], vectors: [Double]) {
  precondition(matrix.count == n * n && matrix.allSatisfy(\.isFinite))
  guard n > 0 else { return ([], []) }
  var vectors = matrix
  var values = [Double](repeating: 0, count: n)
  var size = Int32(n)
  var status: Int32 = 0
  func run(_ work: inout [Double], _ workCount: Int32, _ whole: inout [Int32], _ wholeCount: Int32)
  {
    var (workCount, wholeCount) = (workCount, wholeCount)
    dsyevd_(
      "V", "U", &size, &vectors, &size, &values, &work, &workCount, &whole, &wholeCount, &status, 1,
      1)
    precondition(status == 0, "dsyevd: \(status)")
  }
  // The size -1 queries the sizes of the workspaces. The columns that LAPACK returns are our rows.
  var (work, whole): ([Double], [Int32]) = ([0], [0])
  run(&work, -1, &whole, -1)
  let (workCount, wholeCount) = (Int32(work[0]), whole[0])
  work = [Double](repeating: 0, count: Int(workCount))
  whole = [Int32](repeating: 0, count: Int(wholeCount))
  run(&work, workCount, &whole, wholeCount)
  return (values, vectors)
}

/// XᵀX, `[columns, columns]`, where the rows of X are given in order.
public func gramMatrix(_ x: [Double], columns: Int) -> [Double] {
  precondition(columns > 0 && x.count % columns == 0)
  var gram = [Double](repeating: 0, count: columns * columns)
  cblas_dsyrk(
    CblasRowMajor, CblasUpper, CblasTrans, Int32(columns), Int32(x.count / columns), 1, x,
    Int32(columns), 0, &gram, Int32(columns))
  for a in 0..<columns { for b in 0..<a { gram[a * columns + b] = gram[b * columns + a] } }
  return gram
}
