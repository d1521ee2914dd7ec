/// Which documents of a corpus a dataset holds, and in which order.
public enum DocumentOrder: Hashable, Sendable {
  /// The order of the input; a limit keeps the first documents.
  case input
  /// The order of the input; a limit keeps documents that are drawn at random.
  case drawn(seed: Int)
  /// `numpy.random.seed(seed); permutation(n)`, which the authors used, so that their subsets can
  /// be made; a limit keeps the first documents of it.
  case shuffled(seed: Int)

  /// The seed that decides what `samples` of `count` documents are, and how they are ordered; nil
  /// where no random number does.
  package func seed(keeping samples: Int, of count: Int) -> Int? {
    switch self {
    case .input: nil
    case .drawn(let seed): samples < count ? seed : nil
    case .shuffled(let seed): seed
    }
  }

  /// The index in the corpus of each document of the dataset.
  ///
  /// - Parameters:
  ///   - count: Documents of the corpus.
  ///   - limit: Documents to keep at most.
  public func documents(of count: Int, limit: Int? = nil) -> [Int] {
    chosen(count, limit).map(Int.init)
  }

  /// The row in the dataset of each document of `range`, four bytes a document; `UInt32.max` for
  /// one that the dataset leaves out.
  package func rows(of range: Range<Int>, count: Int, limit: Int?) -> [UInt32] {
    var rows = [UInt32](repeating: .max, count: range.count)
    for (row, document) in chosen(count, limit).enumerated() where range.contains(Int(document)) {
      rows[Int(document) - range.lowerBound] = UInt32(row)
    }
    return rows
  }

  private func chosen(_ count: Int, _ limit: Int?) -> [UInt32] {
    precondition(count < Int(UInt32.max), "2^32 documents or more")
    let samples = min(limit ?? count, count)
    switch self {
    case .shuffled(let seed):
      return Array(Self.permutation(count, seed: seed).prefix(samples))
    case .drawn(let seed) where samples < count:
      return Self.permutation(count, seed: seed).prefix(samples).sorted()
    case .input, .drawn:
      return Array(0..<UInt32(samples))
    }
  }

  private static func permutation(_ count: Int, seed: Int) -> [UInt32] {
    var order = Array(0..<UInt32(count))
    guard count > 1 else { return order }
    var random = MersenneTwister(seed: UInt32(truncatingIfNeeded: seed))
    order.withUnsafeMutableBufferPointer {
      for i in stride(from: count - 1, to: 0, by: -1) {
        $0.swapAt(i, random.integer(upTo: i))
      }
    }
    return order
  }
}
