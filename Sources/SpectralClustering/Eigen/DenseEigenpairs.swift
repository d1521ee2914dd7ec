import COpenBLAS
import Diagnostics

/// The smallest eigenvalues of a dense symmetric matrix and their unit eigenvectors, by LAPACK's
/// dsyevr.
///
/// - Parameters:
///   - matrix: `[n, n]`; its memory is used.
///   - count: The number of eigenvalues that are wanted.
/// - Returns: The eigenvalues in ascending order.
/// - Throws: `Failure.work` where LAPACK fails.
func smallestEigenpairs(
  _ matrix: consuming [Double], _ n: Int, count: Int
) throws -> (values: [Double], vectors: Vectors) {
  var size = Int32(n)
  var (first, last) = (Int32(1), Int32(count))
  var (zero, found, status) = (0.0, Int32(0), Int32(0))
  var values = [Double](repeating: 0, count: n)
  var vectors = Vectors(length: n, count: count)
  var support = [Int32](repeating: 0, count: 2 * max(1, count))
  var work = [0.0]
  var whole: [Int32] = [0]
  // The first call asks for the sizes of the workspaces.
  for isQuery in [true, false] {
    var (workCount, wholeCount) = (isQuery ? -1 : Int32(work[0]), isQuery ? -1 : whole[0])
    if !isQuery {
      work = [Double](repeating: 0, count: Int(workCount))
      whole = [Int32](repeating: 0, count: Int(wholeCount))
    }
    dsyevr_(
      "V", "I", "U", &size, &matrix, &size, &zero, &zero, &first, &last, &zero, &found, &values,
      &vectors.elements, &size, &support, &work, &workCount, &whole, &wholeCount, &status, 1, 1, 1)
  }
  guard status == 0, found == last else {
    throw Failure(.work, "LAPACK's dsyevr failed on a matrix of \(n) rows: \(status)")
  }
  return (Array(values[..<count]), vectors)
}
