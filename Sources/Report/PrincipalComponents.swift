import DenseMath

/// The axes along which points spread most: eigenvectors of their covariance.
struct PrincipalComponents {
  let mean: [Double]
  /// Variances along the axes, the largest first.
  let variances: [Double]
  /// Unit vectors, as `variances`; the largest element of each is positive, to make them unique.
  let axes: [[Double]]

  /// - Parameters:
  ///   - points: `[count, dimension]`, row after row; rows that are not finite are left out.
  ///   - dimension: Of a point.
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
    for first in stride(from: 0, to: rows.count, by: 1024) {
      let centred = rows[first..<min(first + 1024, rows.count)].flatMap { start in
        (0..<dimension).map { Double(points[start + $0]) - mean[$0] }
      }
      for (i, sum) in gramMatrix(centred, columns: dimension).enumerated() {
        covariance[i] += sum / Double(rows.count)
      }
    }
    self.init(mean: mean, covariance: covariance)
  }

  /// - Parameter covariance: Symmetric, row after row.
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

  /// The share of all variance along the `index`-th axis; 0 where the points are all one.
  func share(_ index: Int) -> Double {
    let total = variances.reduce(0, +)
    return index < variances.count && total > 0 ? variances[index] / total : 0
  }

  /// Where a point lies along the first two axes; (x, 0) of points on a line.
  func project(_ point: some Collection<Float>) -> (x: Double, y: Double) {
    var place = (x: 0.0, y: 0.0)
    for (a, value) in point.enumerated() {
      place.x += (Double(value) - mean[a]) * axes[0][a]
      if axes.count > 1 { place.y += (Double(value) - mean[a]) * axes[1][a] }
    }
    return place
  }
}
