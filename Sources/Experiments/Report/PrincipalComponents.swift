/// The axes along which points spread most: eigenvectors of their covariance, by Jacobi's rotations.
/// Codes have a few dozen dimensions, so plain Swift is fast enough.
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
    var centred = [Double](repeating: 0, count: dimension)
    for start in rows {
      for a in 0..<dimension { centred[a] = Double(points[start + a]) - mean[a] }
      for a in 0..<dimension {
        for b in a..<dimension { covariance[a * dimension + b] += centred[a] * centred[b] }
      }
    }
    for a in 0..<dimension {
      for b in a..<dimension {
        covariance[a * dimension + b] /= Double(rows.count)
        covariance[b * dimension + a] = covariance[a * dimension + b]
      }
    }
    self.init(mean: mean, covariance: covariance)
  }

  /// - Parameter covariance: Symmetric, row after row.
  init(mean: [Double], covariance: [Double]) {
    let n = mean.count
    precondition(covariance.count == n * n)
    self.mean = mean
    let (values, vectors) = Self.eigenvectors(covariance, n)
    let order = (0..<n).sorted { values[$0] > values[$1] }
    variances = order.map { max(0, values[$0]) }
    axes = order.map { column in
      let axis = (0..<n).map { vectors[$0 * n + column] }
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

  /// Cyclic Jacobi (Golub and Van Loan, Section 8.5): rotates pairs of axes until what is off the
  /// diagonal is rounding.
  /// - Returns: The eigenvalues, and the eigenvectors as columns.
  private static func eigenvectors(_ matrix: [Double], _ n: Int) -> ([Double], [Double]) {
    var a = matrix
    var v = [Double](repeating: 0, count: n * n)
    for i in 0..<n { v[i * n + i] = 1 }
    let size = a.reduce(0) { $0 + $1 * $1 }
    for _ in 0..<60 {
      var off = 0.0
      for p in 0..<n { for q in p + 1..<max(p + 1, n) { off += a[p * n + q] * a[p * n + q] } }
      if off <= 1e-28 * size { break }
      for p in 0..<n {
        for q in p + 1..<max(p + 1, n) where a[p * n + q] != 0 { rotate(&a, &v, p, q, n) }
      }
    }
    return ((0..<n).map { a[$0 * n + $0] }, v)
  }

  /// Makes a_pq zero: A ← JᵀAJ, V ← VJ.
  private static func rotate(
    _ a: inout [Double], _ v: inout [Double], _ p: Int, _ q: Int, _ n: Int
  ) {
    let tau = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q])
    let t = (tau >= 0 ? 1 : -1) / (abs(tau) + (1 + tau * tau).squareRoot())
    let c = 1 / (1 + t * t).squareRoot()
    let s = t * c
    for i in 0..<n {
      let (x, y) = (a[i * n + p], a[i * n + q])
      (a[i * n + p], a[i * n + q]) = (c * x - s * y, s * x + c * y)
      let (g, h) = (v[i * n + p], v[i * n + q])
      (v[i * n + p], v[i * n + q]) = (c * g - s * h, s * g + c * h)
    }
    for i in 0..<n {
      let (x, y) = (a[p * n + i], a[q * n + i])
      (a[p * n + i], a[q * n + i]) = (c * x - s * y, s * x + c * y)
    }
  }
}
