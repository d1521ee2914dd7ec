import DeepClustering

/// An estimate of the memory of a training run, in bytes. In Double: a dataset may ask for any
/// number.
package struct MemoryEstimate: Equatable {
  /// The weights and biases of encoder and decoder, in float32.
  package var parameterBytes: Double
  /// The codes, q and assignments of all documents.
  package var resultBytes: Double
  /// The program, MPI and OpenBLAS.
  private static let programBytes = 120e6

  package init(samples: Int, features: Int, layers: [Int], clusters: Int) {
    let widths = ([features] + layers).map { Double($0) }
    let weights = zip(widths, widths.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
    parameterBytes = 4 * (2 * weights + 2 * widths.reduce(0, +) - widths[0] - widths.last!)
    resultBytes = 4 * Double(samples) * (2 * widths.last! + 2 * Double(clusters) + 2)
  }

  /// What a rank allocates: its gradient, its part of the weights and of the moments of its host,
  /// and the results of its documents.
  package func bytes(moments: Int, ranks: Int, ranksPerHost: Int) -> Double {
    let share = 1 + Double(moments)
    return Self.programBytes + (1 + share / Double(min(ranks, ranksPerHost))) * parameterBytes
      + resultBytes / Double(ranks)
  }
}
