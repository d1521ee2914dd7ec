import DenseMath

/// The nearest candidates of some documents so far, by products in single precision.
///
/// ‖x − y‖² is expanded to ‖x‖² − 2 (x·y − ‖y‖²/2): the nearest have the largest x·y − ‖y‖²/2.
/// Cancellation reorders near-ties, so more candidates are kept than neighbours are wanted, and
/// exact distances decide among them.
struct Candidates {
  /// Candidates of each document.
  let width: Int
  /// `[documents, width]`, descending; −∞ where there is none yet.
  private(set) var scores: [Float]
  /// `[documents, width]`.
  private(set) var indices: [Int32]

  init(documents: Int, width: Int) {
    self.width = width
    scores = [Float](repeating: -.infinity, count: documents * width)
    indices = [Int32](repeating: -1, count: documents * width)
  }

  /// The candidates of one of the documents.
  func of(_ i: Int) -> ArraySlice<Int32> {
    indices[i * width..<(i + 1) * width].prefix { $0 >= 0 }
  }

  mutating func withWriter<R>(_ body: (Writer) -> R) -> R {
    let width = width
    return scores.withUnsafeMutableBufferPointer { scores in
      indices.withUnsafeMutableBufferPointer { indices in
        body(Writer(width: width, scores: scores.baseAddress!, indices: indices.baseAddress!))
      }
    }
  }

  /// Access for several threads, each with documents of its own.
  struct Writer: @unchecked Sendable {
    let width: Int
    let scores: UnsafeMutablePointer<Float>
    let indices: UnsafeMutablePointer<Int32>

    /// Offers the documents `first ..< first + count` to document i.
    ///
    /// - Parameters:
    ///   - document: The index of document i in the corpus, which is no neighbour of itself.
    ///   - products: x_i·y for each of them.
    ///   - half: ‖y‖²/2 of each of them.
    func offer(
      to i: Int, document: Int, first: Int, count: Int, products: UnsafePointer<Float>,
      half: UnsafePointer<Float>
    ) {
      let least = scores + i * width + width - 1
      var j = 0
      while j + 16 <= count {
        let p = UnsafeRawPointer(products + j).loadUnaligned(as: SIMD16<Float>.self)
        let h = UnsafeRawPointer(half + j).loadUnaligned(as: SIMD16<Float>.self)
        // Almost all are farther than the candidates that there are.
        if (p - h).max() > least.pointee {
          for e in j..<j + 16 { insert(i, document, first + e, products[e] - half[e]) }
        }
        j += 16
      }
      for e in j..<count { insert(i, document, first + e, products[e] - half[e]) }
    }

    /// Inserts one behind those with the same score, whose indices are lower.
    @inline(__always)
    private func insert(_ i: Int, _ document: Int, _ other: Int, _ score: Float) {
      let (scores, indices) = (scores + i * width, indices + i * width)
      guard score > scores[width - 1], other != document else { return }
      var place = width - 1
      while place > 0, score > scores[place - 1] {
        scores[place] = scores[place - 1]
        indices[place] = indices[place - 1]
        place -= 1
      }
      scores[place] = score
      indices[place] = Int32(other)
    }
  }
}
