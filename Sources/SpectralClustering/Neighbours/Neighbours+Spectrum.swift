extension Neighbours {
  /// The smallest eigenvalues of the normalised Laplacian I − D^−1/2 A D^−1/2, ascending, of the
  /// graph that joins each document with its neighbours, all edges alike. As many are near 0 as
  /// there are groups with few edges between them (von Luxburg, *A tutorial on spectral
  /// clustering*, 2007).
  ///
  /// - Parameter wanted: Eigenvalues, fewer than documents.
  /// - Throws: `Failure.work` where they do not converge.
  public func laplacianEigenvalues(_ wanted: Int) throws -> [Double] {
    let graph = AffinityGraph(self, count: count, .binary).normalized
    // The largest of I + D^−1/2 A D^−1/2, which are 2 − λ.
    let largest = try Lanczos(count: wanted).largest(samples) { x, y in
      graph.multiply(x, into: y)
      for i in 0..<samples { y[i] += x[i] }
    }
    return largest.values.map { 2 - $0 }
  }
}
