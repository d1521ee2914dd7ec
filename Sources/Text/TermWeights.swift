import Datasets
import Glibc

/// Counts of terms to the weights of a document. Its length is the number of occurrences of the
/// vocabulary's terms in it, tf the number of occurrences of one term.
///
/// `tfidf` is what scikit-learn's CountVectorizer(max_features) and TfidfTransformer(norm="l2",
/// sublinear_tf=True) compute, `bm25` is Okapi BM25 with k1 = 1.2, b = 0.75 and Lucene's idf, which
/// is never negative:
///
///     tfidf:  w = idf · (1 + ln tf),  idf = ln((1 + n) / (1 + df)) + 1
///     bm25:   w = idf · tf (k1 + 1) / (tf + k1 (1 − b + b · length / average length)),
///             idf = ln(1 + (n − df + ½) / (df + ½))
///
/// Either is divided by its row's norm and multiplied by √d:  x = √d · w / ‖w‖
///
/// Add the features of a document in ascending order, then take its row from `finish`.
struct TermWeights {
  private static let k1 = 1.2
  private static let b = 0.75

  private let idf: [Double]
  /// 1 + ln count of the small counts.
  private let tf: [Double]
  /// k1 · b / average length; nil where the weight is tf-idf.
  private let lengthFactor: Double?
  private var length = 0
  /// Weights; with BM25 the counts, until the length is known.
  private let weights: UnsafeMutablePointer<Double>
  private var square = 0.0
  private var count = 0
  private let indexMemory: UnsafeMutablePointer<Int32>
  private let valueMemory: UnsafeMutablePointer<Float>

  /// - Parameters:
  ///   - settings: The formula, and the average length where it is BM25.
  ///   - idf: The inverse document frequency of each feature.
  init(_ settings: TextSettings, idf: [Double]) {
    self.idf = idf
    tf = [0] + (1..<256).map { 1 + log(Double($0)) }
    switch settings.weight {
    case .tfidf: lengthFactor = nil
    case .bm25:
      guard let average = settings.averageLength, average > 0 else {
        preconditionFailure("BM25 without the average length of the documents")
      }
      lengthFactor = Self.k1 * Self.b / average
    }
    weights = .allocate(capacity: idf.count)
    indexMemory = .allocate(capacity: idf.count)
    valueMemory = .allocate(capacity: idf.count)
  }

  func deallocate() {
    weights.deallocate()
    indexMemory.deallocate()
    valueMemory.deallocate()
  }

  /// The idf of a term that `df` of `n` documents contain.
  static func inverseDocumentFrequency(
    _ weight: TextSettings.Weight, documents n: Int, having df: Int
  ) -> Double {
    switch weight {
    case .tfidf: log(Double(1 + n) / Double(1 + df)) + 1
    case .bm25: log(1 + (Double(n - df) + 0.5) / (Double(df) + 0.5))
    }
  }

  /// Adds a feature that occurs `occurrences` times, at least once.
  @inline(__always)
  mutating func add(_ feature: Int, occurrences: Int) {
    if lengthFactor == nil {
      var weight = idf[feature]
      if occurrences > 1 {
        weight *= occurrences < 256 ? tf[occurrences] : 1 + log(Double(occurrences))
      }
      square += weight * weight
      weights[count] = weight
    } else {
      length += occurrences
      weights[count] = Double(occurrences)
    }
    indexMemory[count] = Int32(truncatingIfNeeded: feature)
    count += 1
  }

  /// Computes the values of the document, and the next `add` starts another.
  /// - Returns: Features and values, valid until the next `add`.
  @inline(__always)
  mutating func finish() -> (
    indices: UnsafeBufferPointer<Int32>, values: UnsafeBufferPointer<Float>
  ) {
    if let lengthFactor { weighByLength(lengthFactor) }
    let scale = (Double(idf.count) / square).squareRoot()
    for i in 0..<count { valueMemory[i] = Float(weights[i] * scale) }
    defer { (count, square, length) = (0, 0, 0) }
    return (
      UnsafeBufferPointer(start: indexMemory, count: count),
      UnsafeBufferPointer(start: valueMemory, count: count)
    )
  }

  /// Replaces the counts of the document by their weights of BM25.
  private mutating func weighByLength(_ lengthFactor: Double) {
    let saturation = Self.k1 * (1 - Self.b) + lengthFactor * Double(length)
    for i in 0..<count {
      let tf = weights[i]
      let weight = idf[Int(indexMemory[i])] * (tf * (Self.k1 + 1) / (tf + saturation))
      weights[i] = weight
      square += weight * weight
    }
  }
}
