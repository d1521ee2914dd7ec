import DeepClustering

/// An estimate of the memory of a training run, in bytes. In Double: a dataset may ask for any
/// number.
package struct MemoryEstimate: Equatable {
  /// The weights and biases of encoder and decoder, in float32.
  package var parameterBytes: Double
  /// The codes and assignments of all documents, and the distances of k-means.
  package var resultBytes: Double
  /// The program, MPI and OpenBLAS.
  private static let programBytes = 120e6

  package init(samples: Int, features: Int, layers: [Int]) {
    let widths = ([features] + layers).map { Double($0) }
    let weights = zip(widths, widths.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
    parameterBytes = 4 * (2 * weights + 2 * widths.reduce(0, +) - widths[0] - widths.last!)
    // The codes of two refreshes and the assignments; the distances of k-means, of which 2^23 are
    // kept at once, or those of one start.
    let n = Double(samples)
    resultBytes = 4 * (n * (2 * widths.last! + 4) + max(n, min(20 * n, 0x1p23)))
  }

  /// What a rank allocates: its gradient, its part of the weights and of the moments of its host,
  /// and the results of its documents.
  package func bytes(moments: Int, ranks: Int, ranksPerHost: Int) -> Double {
    let share = 1 + Double(moments)
    return Self.programBytes + (1 + share / Double(min(ranks, ranksPerHost))) * parameterBytes
      + resultBytes / Double(ranks)
  }
}
