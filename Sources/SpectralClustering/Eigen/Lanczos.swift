import CARPACK
import DenseMath
import Diagnostics

/// The implicitly restarted Lanczos iteration of ARPACK for the largest eigenvalues of a symmetric
/// operator.
struct Lanczos {
  /// Eigenvalues that are wanted.
  var count: Int
  /// Relative to the eigenvalue. Where the operator is s I − L, the wanted eigenvalues of L are a
  /// small part of s: a loose tolerance would converge to anything.
  var tolerance = 1e-10
  /// Restarts before the iteration is given up.
  var maxRestarts = 1000
  var seed: UInt64 = 0

  /// The eigenpairs, largest first, and the products with the operator that they took.
  struct Result {
    var values: [Double]
    var vectors: Vectors
    var products: Int
  }

  /// Columns of the basis: more make fewer products, and more work for each.
  static func basis(count: Int, of n: Int) -> Int { min(n, max(60, 2 * count + 20)) }

  /// Iterates from a start that the seed gives.
  ///
  /// - Parameter apply: y ← B x, both `[n]`.
  /// - Throws: `Failure.work` where it does not converge.
  func largest(
    _ n: Int, _ apply: (UnsafePointer<Double>, UnsafeMutablePointer<Double>) -> Void
  ) throws -> Result {
    var run = Arrays(n, self)
    var random = RandomStream(seed: seed, .spectral, 0)
    for i in 0..<n { run.residual[i] = random.normal() }
    var products = 0
    while true {
      run.iterate()
      guard run.request == 1 || run.request == -1 else { break }
      let (from, to) = (Int(run.pointers[0]) - 1, Int(run.pointers[1]) - 1)
      run.work.withUnsafeMutableBufferPointer {
        apply($0.baseAddress! + from, $0.baseAddress! + to)
      }
      products += 1
    }
    guard run.status == 0, Int(run.settings[4]) >= count else {
      throw Failure(
        .work,
        "the eigenvectors did not converge: \(max(0, run.settings[4])) of \(count) in \(products) "
          + "products (ARPACK's status \(run.status)); is there a group of documents with much "
          + "smaller distances than the others? Try a larger --lambda or another --mu")
    }
    return try run.result(products)
  }

  /// The arrays of dsaupd, under its names' meanings.
  private struct Arrays {
    var n: Int32
    var wanted: Int32
    var columns: Int32
    var tolerance: Double
    /// What the iteration asks for: 1 and −1 for a product, 99 at the end.
    var request: Int32 = 0
    var status: Int32 = 1
    var residual: [Double]
    var basis: [Double]
    var settings = [Int32](repeating: 0, count: 11)
    var pointers = [Int32](repeating: 0, count: 11)
    var work: [Double]
    var inner: [Double]
    var innerCount: Int32

    init(_ n: Int, _ lanczos: Lanczos) {
      let ncv = Lanczos.basis(count: lanczos.count, of: n)
      self.n = Int32(n)
      wanted = Int32(lanczos.count)
      columns = Int32(ncv)
      tolerance = lanczos.tolerance
      residual = [Double](repeating: 0, count: n)
      basis = [Double](repeating: 0, count: n * ncv)
      work = [Double](repeating: 0, count: 3 * n)
      inner = [Double](repeating: 0, count: ncv * (ncv + 8))
      innerCount = Int32(inner.count)
      // Exact shifts; blocks of one vector; a standard problem.
      settings[0] = 1
      settings[2] = Int32(lanczos.maxRestarts)
      settings[3] = 1
      settings[6] = 1
    }

    mutating func iterate() {
      dsaupd_(
        &request, "I", &n, "LA", &wanted, &tolerance, &residual, &columns, &basis, &n, &settings,
        &pointers, &work, &inner, &innerCount, &status, 1, 2)
    }

    /// The eigenpairs, once converged.
    mutating func result(_ products: Int) throws -> Result {
      let count = Int(wanted)
      var (isWanted, sigma) = (Int32(1), 0.0)
      var select = [Int32](repeating: 0, count: Int(columns))
      var values = [Double](repeating: 0, count: count)
      var vectors = Vectors(length: Int(n), count: count)
      dseupd_(
        &isWanted, "A", &select, &values, &vectors.elements, &n, &sigma, "I", &n, "LA", &wanted,
        &tolerance, &residual, &columns, &basis, &n, &settings, &pointers, &work, &inner,
        &innerCount, &status, 1, 1, 2)
      guard status == 0 else { throw Failure(.work, "ARPACK's dseupd failed: \(status)") }
      // Ascending: turned round.
      var turned = Vectors(length: Int(n), elements: [])
      turned.elements.reserveCapacity(Int(n) * count)
      for j in (0..<count).reversed() { turned.elements += vectors[j] }
      return Result(
        values: values.reversed(), vectors: Vectors(length: Int(n), elements: turned.elements),
        products: products)
    }
  }
}
