/// A number of documents at even distances in a corpus, the same at every number of ranks: document
/// `floor(s · n / count)` for every s.
struct EvenSample {
  let count: Int
  let samples: Int

  /// - Parameter count: All documents where it is larger than `samples`.
  init(_ count: Int, of samples: Int) {
    (self.count, self.samples) = (min(count, samples), samples)
  }

  /// The chosen documents of a range of the corpus, and how many are before it.
  func documents(in range: Range<Int>) -> (chosen: [Int], before: Int) {
    let (first, end) = (number(from: range.lowerBound), number(from: range.upperBound))
    return ((first..<end).map { $0 * samples / count }, first)
  }

  /// The chosen documents before `document`: the least s with floor(s · n / count) ≥ document.
  private func number(from document: Int) -> Int { (document * count + samples - 1) / samples }
}
