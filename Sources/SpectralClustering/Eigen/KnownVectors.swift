/// The vectors that are constant on a connected component and zero elsewhere, times a weight of
/// each document: the null space of a graph's Laplacian, of dimension m for m components.
struct KnownVectors {
  /// The number of components.
  let count: Int
  /// The component of each document.
  let numbers: [Int32]
  /// The value of each document in the vector of its component, which has unit length.
  let weights: [Double]
  /// The coordinates, on these vectors, of the vector over all documents, of unit length.
  let whole: [Double]

  /// - Parameter weights: Of each document: 1, or the square root of its degree.
  init(_ components: Components, weights: [Double]) {
    count = components.count
    numbers = components.numbers
    var squares = [Double](repeating: 0, count: components.count)
    for (i, weight) in weights.enumerated() { squares[Int(numbers[i])] += weight * weight }
    let total = squares.reduce(0, +)
    self.weights = weights.enumerated().map { [numbers] i, weight in
      weight / squares[Int(numbers[i])].squareRoot()
    }
    whole = squares.map { ($0 / total).squareRoot() }
  }

  /// The coordinates of x on the vectors.
  func coordinates(of x: UnsafePointer<Double>) -> [Double] {
    var sums = [Double](repeating: 0, count: count)
    for i in numbers.indices { sums[Int(numbers[i])] += weights[i] * x[i] }
    return sums
  }

  /// The vector of component j.
  func vector(_ j: Int) -> [Double] {
    numbers.indices.map { numbers[$0] == Int32(j) ? weights[$0] : 0 }
  }

  /// The vector over all documents.
  var wholeVector: [Double] { numbers.indices.map { weights[$0] * whole[Int(numbers[$0])] } }

  /// y −= s (N Nᵀ − u uᵀ) x: moves these vectors, all but the one over all documents, out of the
  /// largest eigenvalues of s I − L. A Lanczos iteration from one start could miss some of them.
  func deflate(
    _ x: UnsafePointer<Double>, by s: Double, _ y: UnsafeMutablePointer<Double>
  ) {
    var along = coordinates(of: x)
    let mean = zip(along, whole).reduce(0) { $0 + $1.0 * $1.1 }
    for j in along.indices { along[j] = s * (along[j] - mean * whole[j]) }
    for i in numbers.indices { y[i] -= weights[i] * along[Int(numbers[i])] }
  }
}
