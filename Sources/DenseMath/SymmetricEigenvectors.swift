import COpenBLAS

/// Eigenvalues of a symmetric matrix, ascending, and their unit eigenvectors: LAPACK's dsyevd.
///
/// - Parameter matrix: `[n, n]`, row after row, finite.
/// - Returns: `values[i]` belongs to the vector that is row i of `vectors`, `[n, n]`.
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
  // -1 asks how much room it wants. What it takes for columns are our rows.
  var (work, whole): ([Double], [Int32]) = ([0], [0])
  run(&work, -1, &whole, -1)
  let (workCount, wholeCount) = (Int32(work[0]), whole[0])
  work = [Double](repeating: 0, count: Int(workCount))
  whole = [Int32](repeating: 0, count: Int(wholeCount))
  run(&work, workCount, &whole, wholeCount)
  return (values, vectors)
}

/// XᵀX, `[columns, columns]`, of the rows of X.
public func gramMatrix(_ x: [Double], columns: Int) -> [Double] {
  precondition(columns > 0 && x.count % columns == 0)
  var gram = [Double](repeating: 0, count: columns * columns)
  cblas_dsyrk(
    CblasRowMajor, CblasUpper, CblasTrans, Int32(columns), Int32(x.count / columns), 1, x,
    Int32(columns), 0, &gram, Int32(columns))
  for a in 0..<columns { for b in 0..<a { gram[a * columns + b] = gram[b * columns + a] } }
  return gram
}
