import DenseMath

/// B subsamples of a sample of documents, each with the same share of it; the others of the sample
/// are its validation documents.
struct Subsamples {
  /// The documents of each, counted in the sample, ascending.
  let documents: [[Int]]
  /// Whether each document of the sample is in a subsample.
  private let isMember: [[Bool]]

  /// - Parameters:
  ///   - count: B.
  ///   - share: Of the sample's documents.
  ///   - samples: Documents of the sample.
  init(count: Int, share: Double, of samples: Int, seed: Int) {
    let size = max(2, Int(share * Double(samples)))
    documents = (0..<count).map { b in
      var random = RandomStream(seed: UInt64(seed), .sample, 1000 + b)
      var order = Array(0..<samples)
      order.shuffle(using: &random)
      return order.prefix(size).sorted()
    }
    isMember = documents.map { documents in
      var isMember = [Bool](repeating: false, count: samples)
      for document in documents { isMember[document] = true }
      return isMember
    }
  }

  /// Documents of each subsample.
  var size: Int { documents[0].count }

  func contains(_ document: Int, in subsample: Int) -> Bool { isMember[subsample][document] }

  /// All pairs of subsamples.
  var pairs: [(Int, Int)] {
    documents.indices.flatMap { a in (0..<a).map { (a, $0) } }
  }
}
