/// A set of features that returns them in ascending order: a bit for each feature, and a bit for
/// each word of those that is not 0.
struct FeatureSet {
  private var words: UnsafeMutablePointer<UInt64>
  private var summary: UnsafeMutablePointer<UInt64>
  private let summaryCount: Int
  private let counts: UnsafeMutablePointer<UInt32>
  /// The number of features in the set.
  private(set) var count = 0

  init(features: Int) {
    let wordCount = (features + 63) / 64
    summaryCount = (wordCount + 63) / 64
    words = .allocate(capacity: wordCount)
    words.initialize(repeating: 0, count: wordCount)
    summary = .allocate(capacity: summaryCount)
    summary.initialize(repeating: 0, count: summaryCount)
    counts = .allocate(capacity: max(1, features))
  }

  func deallocate() {
    words.deallocate()
    summary.deallocate()
    counts.deallocate()
  }

  /// Adds a feature that is not in the set, with its number of occurrences.
  @inline(__always)
  mutating func insert(_ feature: Int, count: UInt32) {
    self.count += 1
    words[feature >> 6] |= 1 << UInt64(feature & 63)
    summary[feature >> 12] |= 1 << UInt64((feature >> 6) & 63)
    counts[feature] = count
  }

  /// Removes all features.
  @inline(__always)
  mutating func removeAll() { if count > 0 { drain { _, _ in } } }

  /// Removes all features, and passes them on in ascending order.
  @inline(__always)
  mutating func drain(_ body: (Int, UInt32) -> Void) {
    count = 0
    for i in 0..<summaryCount {
      while summary[i] != 0 {
        let word = i << 6 | summary[i].trailingZeroBitCount
        summary[i] &= summary[i] - 1
        var bits = words[word]
        words[word] = 0
        while bits != 0 {
          let feature = word << 6 | bits.trailingZeroBitCount
          bits &= bits - 1
          body(feature, counts[feature])
        }
      }
    }
  }
}
