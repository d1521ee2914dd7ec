import COpenBLAS

/// Vectors of doubles, of one length.
public struct Vectors: Equatable, Sendable {
  /// The length of a vector.
  public let length: Int
  /// The number of vectors.
  public let count: Int
  /// One vector behind the other.
  public var elements: [Double]

  public init(length: Int, count: Int) {
    self.init(length: length, elements: [Double](repeating: 0, count: length * count))
  }

  public init(length: Int, elements: [Double]) {
    self.length = length
    count = length == 0 ? 0 : elements.count / length
    self.elements = elements
  }

  /// Vector j.
  public subscript(j: Int) -> ArraySlice<Double> { elements[j * length..<(j + 1) * length] }

  /// Calls `body` with vector j and place for another one.
  func withVector<R>(_ j: Int, _ body: (UnsafePointer<Double>) -> R) -> R {
    elements.withUnsafeBufferPointer { body($0.baseAddress! + j * length) }
  }

  mutating func withMutableVector<R>(_ j: Int, _ body: (UnsafeMutablePointer<Double>) -> R) -> R {
    let length = length
    return elements.withUnsafeMutableBufferPointer { body($0.baseAddress! + j * length) }
  }
}

/// x·y.
func dot(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, _ count: Int) -> Double {
  cblas_ddot(Int32(count), x, 1, y, 1)
}

/// C ← α op(A) op(B) + β C in double precision, row-major; shapes as in BLAS.
func gemm(
  _ m: Int, _ n: Int, _ k: Int, _ alpha: Double, _ a: UnsafePointer<Double>, transposed ta: Bool,
  _ b: UnsafePointer<Double>, transposed tb: Bool, _ beta: Double,
  into c: UnsafeMutablePointer<Double>
) {
  cblas_dgemm(
    CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, Int32(m),
    Int32(n), Int32(k), alpha, a, Int32(ta ? m : k), b, Int32(tb ? k : n), beta, c, Int32(n))
}
