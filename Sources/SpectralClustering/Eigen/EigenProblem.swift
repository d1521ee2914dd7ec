import Diagnostics

/// The smallest eigenpairs of a large positive semi-definite matrix, and the checks without which
/// no label is given.
struct EigenProblem {
  /// n.
  let count: Int
  /// s: no eigenvalue is larger.
  let upperBound: Double
  /// y ← M x.
  let apply: (UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void
  /// All elements, for few documents.
  let dense: () throws -> [Double]
  /// The null space, or, where not `isNullSpace`, vectors near the smallest eigenvectors.
  let known: KnownVectors
  let isNullSpace: Bool
  /// y ← (M + ε I)⁻¹ x, where the largest eigenvalues of that are found faster.
  var inverse: ShiftedInverse?

  struct ShiftedInverse {
    let shift: Double
    let apply: (UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void
  }

  /// Up to so many documents all elements are in memory, and LAPACK finds the eigenvectors.
  static let denseLimit = 4000

  struct Solution {
    /// Ascending.
    var values: [Double]
    var vectors: Vectors
    /// Products with the matrix that ARPACK took; 0 for LAPACK.
    var products = 0
  }

  /// The `wanted` smallest eigenpairs, checked.
  ///
  /// - Throws: `Failure.work` where they do not converge, or are not what they should be.
  func smallest(_ wanted: Int, seed: UInt64, denseLimit: Int = denseLimit) throws -> Solution {
    if isNullSpace, known.count >= wanted { return nullSpace(wanted) }
    var solution: Solution
    if count <= denseLimit {
      let (values, vectors) = try smallestEigenpairs(try dense(), count, count: wanted)
      solution = Solution(values: values, vectors: vectors)
    } else {
      solution = try lanczos(wanted, seed: seed)
    }
    try check(solution)
    return solution
  }

  /// More components than eigenvectors: those of the largest ones.
  private func nullSpace(_ wanted: Int) -> Solution {
    Solution(
      values: [Double](repeating: 0, count: wanted),
      vectors: Vectors(length: count, elements: (0..<wanted).flatMap { known.vector($0) }))
  }

  private func lanczos(_ wanted: Int, seed: UInt64) throws -> Solution {
    // All null vectors but one are known, and left out.
    let left = isNullSpace ? known.count - 1 : 0
    var lanczos = Lanczos(count: wanted - left)
    lanczos.seed = seed
    let result: Lanczos.Result
    if let inverse {
      result = try lanczos.largest(count, inverse.apply)
    } else {
      let s = upperBound
      result = try lanczos.largest(count) { x, y in
        apply(x, y)
        for i in 0..<count { y[i] = s * x[i] - y[i] }
        if left > 0 { known.deflate(x, by: s, y) }
      }
    }
    var vectors = result.vectors
    if left > 0 {
      // The first is the vector over all documents, which the known ones span.
      try checkWhole(Array(result.vectors[0]))
      let nulls = (0...left).flatMap { known.vector($0) }
      vectors = Vectors(
        length: count, elements: nulls + result.vectors.elements.dropFirst(count))
    }
    // xᵀ M x has twice the digits of s − θ.
    let values = (0..<vectors.count).map { rayleigh(vectors, $0).value }
    return Solution(values: values, vectors: vectors, products: result.products)
  }

  /// xᵀ M x of a unit vector, and ‖M x − (xᵀ M x) x‖.
  private func rayleigh(_ vectors: Vectors, _ j: Int) -> (value: Double, residual: Double) {
    var y = [Double](repeating: 0, count: count)
    return vectors.withVector(j) { x in
      apply(x, &y)
      let value = dot(x, y, count)
      var square = 0.0
      for i in 0..<count { square += (y[i] - value * x[i]) * (y[i] - value * x[i]) }
      return (value, square.squareRoot())
    }
  }

  // MARK: Checks

  /// Trap T2: residuals; where the null space is known, that it was found; and that no eigenvalue
  /// is larger than what the known vectors bound it by.
  private func check(_ solution: Solution) throws {
    for j in 0..<solution.vectors.count {
      let (value, residual) = rayleigh(solution.vectors, j)
      guard residual < 1e-6 * upperBound, abs(value - solution.values[j]) < 1e-6 * upperBound else {
        throw Self.failure("eigenvector \(j + 1) has a residual of \(residual)")
      }
    }
    if isNullSpace {
      for j in 0..<min(known.count, solution.values.count) {
        guard abs(solution.values[j]) < 1e-8 * upperBound else {
          throw Self.failure("eigenvalue \(j + 1) is \(solution.values[j]), not 0")
        }
      }
      guard projection(of: known.wholeVector, on: solution.vectors) > 0.999_999 else {
        throw Self.failure("the null vector is not among the eigenvectors")
      }
    } else {
      try checkBounds(solution)
    }
  }

  private func checkWhole(_ vector: [Double]) throws {
    let product = abs(dot(vector, known.wholeVector, count))
    guard product > 0.999_999 else {
      throw Self.failure("the null vector is not among the eigenvectors")
    }
  }

  /// By Courant and Fischer, the j-th eigenvalue is no larger than the j-th of Nᵀ M N.
  private func checkBounds(_ solution: Solution) throws {
    let m = min(known.count, solution.values.count, 64)
    var products = [Double](repeating: 0, count: m * m)
    var y = [Double](repeating: 0, count: count)
    for a in 0..<m {
      apply(known.vector(a), &y)
      let along = known.coordinates(of: y)
      for b in 0..<m { products[a * m + b] = along[b] }
    }
    let bounds = try smallestEigenpairs(products, m, count: m).values
    for j in 0..<m where solution.values[j] > bounds[j] + 1e-6 * upperBound {
      throw Self.failure("eigenvalue \(j + 1) is \(solution.values[j]), above \(bounds[j])")
    }
  }

  private func projection(of x: [Double], on vectors: Vectors) -> Double {
    var square = 0.0
    for j in 0..<vectors.count {
      let along = vectors.withVector(j) { dot($0, x, count) }
      square += along * along
    }
    return square.squareRoot()
  }

  private static func failure(_ found: String) -> Failure {
    Failure(
      .work,
      "the eigenvectors fail their check, and no clusters are written: \(found); documents that "
        + "are exact duplicates may be the cause: try a larger --lambda")
  }
}
