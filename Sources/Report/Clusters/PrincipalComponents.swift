import DenseMath

/// Principal component analysis: the eigenvectors of the points' covariance.
struct PrincipalComponents {
  /// The mean of the points, `[dimension]`.
  let mean: [Double]
  /// The variances along the axes, in descending order.
  let variances: [Double]
  /// Unit vectors in the order of `variances`. The element of largest absolute value is positive,
  /// which makes the sign unique.
  let axes: [[Double]]

  /// - Parameters:
  ///   - points: `[count, dimension]` in row order; rows that are not finite are left out.
  ///   - dimension: The number of coordinates of a point.
  /// - Returns: Nil where no row is finite.
  init?(_ points: [Float], dimension: Int) {
    guard dimension > 0 else { return nil }
    let rows = stride(from: 0, to: points.count, by: dimension).filter { start in
      points[start..<start + dimension].allSatisfy(\.isFinite)
    }
    guard !rows.isEmpty else { return nil }
    var mean = [Double](repeating: 0, count: dimension)
    for start in rows {
      for a in 0..<dimension { mean[a] += Double(points[start + a]) / Double(rows.count) }
    }
    var covariance = [Double](repeating: 0, count: dimension * dimension)
    for start in stride(from: 0, to: rows.count, by: 1024) {
      let centred = rows[start..<min(start + 1024, rows.count)].flatMap { start in
        (0..<dimension).map { Double(points[start + $0]) - mean[$0] }
      }
      for (i, sum) in gramMatrix(centred, columns: dimension).enumerated() {
        covariance[i] += sum / Double(rows.count)
      }
    }
    self.init(mean: mean, covariance: covariance)
  }

  /// - Parameter covariance: A symmetric matrix, `[dimension, dimension]`.
  init(mean: [Double], covariance: [Double]) {
    let n = mean.count
    precondition(covariance.count == n * n)
    self.mean = mean
    let (values, vectors) = symmetricEigenvectors(covariance, n)
    variances = values.reversed().map { max(0, $0) }
    axes = (0..<n).reversed().map {
      let axis = Array(vectors[$0 * n..<($0 + 1) * n])
      let largest = axis.max { abs($0) < abs($1) } ?? 0
      return largest < 0 ? axis.map { -$0 } : axis
    }
  }

  /// The share of the total variance along the axis `index`; 0 where all points are equal.
  func share(_ index: Int) -> Double {
    let total = variances.reduce(0, +)
    return index < variances.count && total > 0 ? variances[index] / total : 0
  }

  /// The coordinates of a point along the first two axes; y is 0 where there is only one axis.
  func project(_ point: some Collection<Double>) -> (x: Double, y: Double) {
    var projection = (x: 0.0, y: 0.0)
    for (a, value) in point.enumerated() {
      projection.x += (value - mean[a]) * axes[0][a]
      if axes.count > 1 { projection.y += (value - mean[a]) * axes[1][a] }
    }
    return projection
  }
}
