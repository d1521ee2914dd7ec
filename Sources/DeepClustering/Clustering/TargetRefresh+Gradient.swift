import DenseMath

extension TargetRefresh {
  /// ‖∂L/∂z_i‖ of this rank's documents (Eq. 4, of the sum of Eq. 2): how strongly the KL phase
  /// pulls at each.
  ///
  /// - Parameter exponent: Of f_j in Eq. 3; 1 in the paper.
  public func gradientMagnitudes(frequencyExponent exponent: Double = 1) -> [Double] {
    var magnitudes: [Double] = []
    let chunk = 4096
    var m = Matrix(rows: 0, columns: centroids.rows)
    var dz = Matrix(rows: 0, columns: codes.columns)
    for start in stride(from: 0, to: codes.rows, by: chunk) {
      let documents = start..<min(codes.rows, start + chunk)
      let (z, q) = (codes.rows(documents), softAssignment(of: documents))
      var p = q
      targetDistribution(inPlaceOf: &p, softFrequencies: softFrequencies, exponent: exponent)
      pull(z, centroids, p, q, into: &m)
      embeddingGradient(z, centroids, pull: m, into: &dz)
      let rows = Rows(dz)
      magnitudes += rows.indices.map { i in
        (0..<dz.columns).reduce(0.0) { $0 + Double(rows[i, $1]) * Double(rows[i, $1]) }
          .squareRoot()
      }
    }
    return magnitudes
  }
}
