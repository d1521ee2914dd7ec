import Glibc

/// Counts of terms to the weights of a document, as scikit-learn's CountVectorizer(max_features)
/// and TfidfTransformer(norm="l2", sublinear_tf=True) compute them, times √d:
///
///     x = (1 + ln count) · (ln((1 + n) / (1 + df)) + 1), divided by its row's norm, times √d
///
/// Add the features of a document in ascending order, then take its row from `finish`.
struct TermWeights {
  private let idf: [Double]
  /// 1 + ln count of the small counts.
  private let tf: [Double]
  private let weights: UnsafeMutablePointer<Double>
  private var square = 0.0
  private var count = 0
  private let indexMemory: UnsafeMutablePointer<Int32>
  private let valueMemory: UnsafeMutablePointer<Float>

  /// - Parameter idf: The inverse document frequency of each feature.
  init(_ idf: [Double]) {
    self.idf = idf
    tf = [0] + (1..<256).map { 1 + log(Double($0)) }
    weights = .allocate(capacity: idf.count)
    indexMemory = .allocate(capacity: idf.count)
    valueMemory = .allocate(capacity: idf.count)
  }

  func deallocate() {
    weights.deallocate()
    indexMemory.deallocate()
    valueMemory.deallocate()
  }

  /// ln((1 + n) / (1 + df)) + 1, of n documents of which df have the term.
  static func inverseDocumentFrequency(documents n: Int, having df: Int) -> Double {
    log(Double(1 + n) / Double(1 + df)) + 1
  }

  /// Adds a feature that occurs `occurrences` times, at least once.
  @inline(__always)
  mutating func add(_ feature: Int, occurrences: Int) {
    var weight = idf[feature]
    if occurrences > 1 {
      weight *= occurrences < 256 ? tf[occurrences] : 1 + log(Double(occurrences))
    }
    square += weight * weight
    weights[count] = weight
    indexMemory[count] = Int32(truncatingIfNeeded: feature)
    count += 1
  }

  /// Computes the values of the document, and the next `add` starts another.
  /// - Returns: Features and values, valid until the next `add`.
  @inline(__always)
  mutating func finish() -> (
    indices: UnsafeBufferPointer<Int32>, values: UnsafeBufferPointer<Float>
  ) {
    let scale = (Double(idf.count) / square).squareRoot()
    for i in 0..<count { valueMemory[i] = Float(weights[i] * scale) }
    defer { (count, square) = (0, 0) }
    return (
      UnsafeBufferPointer(start: indexMemory, count: count),
      UnsafeBufferPointer(start: valueMemory, count: count)
    )
  }
}
