import COpenBLAS
import Datasets
import DenseMath

/// X_c = H X: rows less their mean, `[n, d]`, in double precision. Sparse rows stay sparse, and the
/// mean is subtracted from products.
struct CentredRows {
  let count: Int
  let dimension: Int
  /// Dense rows, already centred; empty where rows are sparse.
  private let dense: [Double]
  private let sparse: SparseRows?
  /// What products lack: zeros where rows are dense.
  private let mean: [Double]

  /// Rows that are given whole, `[n, d]`.
  init(dense rows: [Double], dimension d: Int) {
    var x = rows
    let n = rows.count / d
    let mean = Self.mean(n, d) { add in for i in 0..<n { for l in 0..<d { add(l, x[i * d + l]) } } }
    for i in 0..<n { for l in 0..<d { x[i * d + l] -= mean[l] } }
    (count, dimension, dense, sparse) = (n, d, x, nil)
    self.mean = [Double](repeating: 0, count: d)
  }

  init(sparse rows: SparseRows) {
    (count, dimension, dense, sparse) = (rows.rows, rows.columns, [], rows)
    mean = Self.mean(rows.rows, rows.columns) { add in
      for (l, value) in zip(rows.indices, rows.values) { add(Int(l), Double(value)) }
    }
  }

  /// All documents of a dataset.
  init(_ all: Shard) {
    var rows = InputRows(columns: all.features, isSparse: all.isSparse)
    all.gather(all.range, into: &rows)
    if all.isSparse {
      self.init(sparse: rows.sparse)
    } else {
      self.init(
        dense: rows.dense.withUnsafeElements { $0.map(Double.init) }, dimension: all.features)
    }
  }

  private static func mean(
    _ n: Int, _ d: Int, _ body: ((Int, Double) -> Void) -> Void
  ) -> [Double] {
    var sums = [Double](repeating: 0, count: d)
    body { sums[$0] += $1 }
    return sums.map { $0 / Double(n) }
  }

  /// Sums over rows are taken in so many parts, whatever the number of threads, so that they have
  /// the same bits.
  private static let parts = 16

  /// y ← X_c u, `[n]`.
  func multiply(_ u: [Double], into y: UnsafeMutablePointer<Double>) {
    let (n, d) = (count, dimension)
    let shift = dot(mean, u, d)
    nonisolated(unsafe) let y = y
    Threads.forEach(Self.parts) { part in
      let rows = n * part / Self.parts..<n * (part + 1) / Self.parts
      guard !rows.isEmpty else { return }
      if let sparse {
        for i in rows {
          var sum = -shift
          for e in sparse.rowStarts[i]..<sparse.rowStarts[i + 1] {
            sum += Double(sparse.values[e]) * u[Int(sparse.indices[e])]
          }
          y[i] = sum
        }
      } else {
        dense.withUnsafeBufferPointer {
          cblas_dgemv(
            CblasRowMajor, CblasNoTrans, Int32(rows.count), Int32(d), 1,
            $0.baseAddress! + rows.lowerBound * d, Int32(d), u, 1, 0, y + rows.lowerBound, 1)
        }
      }
    }
  }

  /// X_cᵀ v, `[d]`.
  func multiplyTransposed(_ v: UnsafePointer<Double>) -> [Double] {
    let (n, d) = (count, dimension)
    var sums = [Double](repeating: 0, count: Self.parts * d)
    sums.withUnsafeMutableBufferPointer { sums in
      nonisolated(unsafe) let (sums, v) = (sums.baseAddress!, v)
      Threads.forEach(Self.parts) { part in
        let rows = n * part / Self.parts..<n * (part + 1) / Self.parts
        guard !rows.isEmpty else { return }
        let y = sums + part * d
        if let sparse {
          for i in rows {
            for e in sparse.rowStarts[i]..<sparse.rowStarts[i + 1] {
              y[Int(sparse.indices[e])] += Double(sparse.values[e]) * v[i]
            }
          }
        } else {
          dense.withUnsafeBufferPointer {
            cblas_dgemv(
              CblasRowMajor, CblasTrans, Int32(rows.count), Int32(d), 1,
              $0.baseAddress! + rows.lowerBound * d, Int32(d), v + rows.lowerBound, 1, 0, y, 1)
          }
        }
      }
    }
    var result = [Double](repeating: 0, count: d)
    for part in 0..<Self.parts { for l in 0..<d { result[l] += sums[part * d + l] } }
    let total = (0..<n).reduce(0.0) { $0 + v[$1] }
    for l in 0..<d { result[l] -= mean[l] * total }
    return result
  }

  /// X_cᵀ X_c, `[d, d]`.
  func gram() -> [Double] {
    guard let sparse else { return gramMatrix(dense, columns: dimension) }
    let d = dimension
    var gram = [Double](repeating: 0, count: d * d)
    for i in 0..<count {
      let entries = sparse.rowStarts[i]..<sparse.rowStarts[i + 1]
      for e in entries {
        let (row, value) = (Int(sparse.indices[e]) * d, Double(sparse.values[e]))
        for f in entries { gram[row + Int(sparse.indices[f])] += value * Double(sparse.values[f]) }
      }
    }
    for a in 0..<d {
      for b in 0..<d { gram[a * d + b] -= Double(count) * mean[a] * mean[b] }
    }
    return gram
  }

  /// X_c V, `[n, r]`, where V is `[d, r]`.
  func multiply(matrix v: [Double], columns r: Int) -> [Double] {
    var y = [Double](repeating: 0, count: count * r)
    guard let sparse else {
      gemm(count, r, dimension, 1, dense, transposed: false, v, transposed: false, 0, into: &y)
      return y
    }
    var shift = [Double](repeating: 0, count: r)
    for l in 0..<dimension { for j in 0..<r { shift[j] += mean[l] * v[l * r + j] } }
    y.withUnsafeMutableBufferPointer { y in
      v.withUnsafeBufferPointer { v in
        for i in 0..<count {
          for j in 0..<r { y[i * r + j] = -shift[j] }
          for e in sparse.rowStarts[i]..<sparse.rowStarts[i + 1] {
            let (row, value) = (Int(sparse.indices[e]) * r, Double(sparse.values[e]))
            for j in 0..<r { y[i * r + j] += value * v[row + j] }
          }
        }
      }
    }
    return y
  }

  /// X_c X_cᵀ, `[n, n]`, for few rows.
  func outer() -> [Double] {
    let n = count
    var result = [Double](repeating: 0, count: n * n)
    guard let sparse else {
      gemm(n, n, dimension, 1, dense, transposed: false, dense, transposed: true, 0, into: &result)
      return result
    }
    // X Xᵀ, then centred on both sides.
    var row = [Double](repeating: 0, count: dimension)
    for i in 0..<n {
      let entries = sparse.rowStarts[i]..<sparse.rowStarts[i + 1]
      for e in entries { row[Int(sparse.indices[e])] = Double(sparse.values[e]) }
      for j in 0..<n {
        var sum = 0.0
        for e in sparse.rowStarts[j]..<sparse.rowStarts[j + 1] {
          sum += Double(sparse.values[e]) * row[Int(sparse.indices[e])]
        }
        result[i * n + j] = sum
      }
      for e in entries { row[Int(sparse.indices[e])] = 0 }
    }
    let means = (0..<n).map { i in result[i * n..<(i + 1) * n].reduce(0, +) / Double(n) }
    let mean = means.reduce(0, +) / Double(n)
    for i in 0..<n { for j in 0..<n { result[i * n + j] += mean - means[i] - means[j] } }
    return result
  }
}
