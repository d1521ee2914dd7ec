import Collectives
import Datasets
import DenseMath

/// Latent semantic analysis (Deerwester et al. 1990): the leading right singular vectors of the
/// matrix of documents, `[samples, features]`, not centred.
///
/// They are found by subspace iteration (Halko, Martinsson and Tropp 2011) on a sample of the
/// documents. Sums over documents are taken of numbers on a common grid, which are exact in any
/// order: axes and projections have the same bits at every number of ranks.
public struct LatentSemanticAnalysis: Sendable {
  /// The singular vectors, `[features, dimensions]`: orthonormal columns, by descending singular
  /// value.
  public let axes: Matrix

  /// Documents that the axes are found from: more change them little.
  public static let sampleSize = 20_000
  private static let iterations = 8
  /// Columns beyond the wanted ones, which let these converge.
  private static let oversampling = 10

  /// Finds the axes. Collective.
  ///
  /// - Parameter dimensions: The most axes to find; there are no more than features or documents.
  public init(of data: TrainingData, dimensions: Int = 50, seed: UInt64 = 0) {
    let d = data.features
    let dimensions = min(dimensions, d, data.samples)
    let r = min(dimensions + Self.oversampling, d)
    let rows = SampledRows(of: data)
    var random = RandomStream(seed: seed, .sample, 1)
    var q = Columns(rows: d, columns: r) { random.normal() }
    q.orthonormalize()
    for _ in 0..<Self.iterations {
      q = rows.gramProduct(q)
      q.orthonormalize()
    }
    // Rayleigh and Ritz: the best axes within the subspace.
    let image = rows.gramProduct(q)
    let (_, vectors) = symmetricEigenvectors(q.products(with: image), r)
    var axes = Matrix(rows: d, columns: dimensions)
    axes.withMutableRows { axes in
      for i in 0..<d {
        for c in 0..<dimensions {
          let vector = (r - 1 - c) * r
          var sum = 0.0
          for l in 0..<r { sum += q.elements[i * r + l] * vectors[vector + l] }
          axes[i, c] = Float(sum)
        }
      }
    }
    self.axes = axes
  }

  /// The coordinates of documents along the axes, `[documents, dimensions]`.
  ///
  /// - Parameter documents: Indices in the dataset, all in `shard`; nil for all of it.
  public func project(_ shard: Shard, documents: [Int]? = nil) -> Matrix {
    let c = axes.columns
    let documents = documents ?? Array(shard.range)
    var result = Matrix(rows: documents.count, columns: c)
    result.withMutableRows { z in
      let axes = Rows(axes)
      Threads.split(documents.count, grain: 256) { part in
        var rows = InputRows(columns: shard.features, isSparse: shard.isSparse)
        for i in part {
          shard.gather([documents[i]], into: &rows)
          let z = z[i]
          rows.forEachEntry(ofRow: 0) { column, value in
            let axis = axes[column]
            for l in 0..<c { z[l] += value * axis[l] }
          }
        }
      }
    }
    return result
  }
}

/// This rank's documents of an evenly spaced sample of all ranks' documents.
struct SampledRows {
  /// Indices in the dataset.
  let documents: [Int]
  private let data: TrainingData
  private let rows: InputRows
  /// Sums of this grid's multiples are exact.
  private let grid: Double

  init(of data: TrainingData) {
    let range = data.shard.range
    let size = LatentSemanticAnalysis.sampleSize
    let stride = (data.samples + size - 1) / size
    documents = Array(
      Swift.stride(
        from: (range.lowerBound + stride - 1) / stride * stride, to: range.upperBound, by: stride))
    self.data = data
    var rows = InputRows(columns: data.features, isSparse: data.isSparse)
    data.shard.gather(documents, into: &rows)
    self.rows = rows
    var largest = 0.0
    for i in 0..<rows.rows {
      var square = 0.0
      rows.forEachEntry(ofRow: i) { square += Double($1) * Double($1) }
      largest = max(largest, square)
    }
    largest = data.world.allReduce(largest, by: .maximum)
    // A double holds 53 bits.
    grid =
      1 / FixedPoint.scale(terms: min(data.samples, size), largest: largest, atMost: 60) * 0x1p10
  }

  /// XᵀX Q, over the sample of all ranks. Collective.
  func gramProduct(_ q: Columns) -> Columns {
    let (d, r) = (q.rows, q.columns)
    let parts = max(1, min(Threads.count, rows.rows))
    nonisolated(unsafe) var sums = [[Double]](repeating: [], count: parts)
    let (up, down) = (1 / grid, grid)
    sums.withUnsafeMutableBufferPointer { sums in
      nonisolated(unsafe) let sums = sums
      Threads.forEach(parts) { part in
        var sum = [Double](repeating: 0, count: d * r)
        var along = [Double](repeating: 0, count: r)
        sum.withUnsafeMutableBufferPointer { sum in
          along.withUnsafeMutableBufferPointer { along in
            q.elements.withUnsafeBufferPointer { q in
              for i in rows.rows * part / parts..<rows.rows * (part + 1) / parts {
                along.update(repeating: 0)
                rows.forEachEntry(ofRow: i) { column, value in
                  let value = Double(value)
                  for l in 0..<r { along[l] += value * q[column * r + l] }
                }
                rows.forEachEntry(ofRow: i) { column, value in
                  let value = Double(value) * up
                  for l in 0..<r { sum[column * r + l] += (value * along[l]).rounded() }
                }
              }
            }
          }
        }
        sums[part] = sum
      }
    }
    var total = sums[0]
    for sum in sums.dropFirst() { for i in total.indices { total[i] += sum[i] } }
    data.world.allReduce(&total)
    return Columns(rows: d, columns: r, elements: total.map { $0 * down })
  }
}

/// A tall matrix of doubles, `[rows, columns]` row by row.
struct Columns {
  let rows: Int
  let columns: Int
  var elements: [Double]

  init(rows: Int, columns: Int, elements: [Double]) {
    (self.rows, self.columns, self.elements) = (rows, columns, elements)
  }

  init(rows: Int, columns: Int, _ element: () -> Double) {
    self.init(
      rows: rows, columns: columns, elements: (0..<rows * columns).map { _ in element() })
  }

  /// Makes the columns orthonormal by Gram and Schmidt's modified method; one that depends on those
  /// before it becomes 0.
  mutating func orthonormalize() {
    let (rows, columns) = (rows, columns)
    elements.withUnsafeMutableBufferPointer { e in
      for c in 0..<columns {
        var before = 0.0
        for i in 0..<rows { before += e[i * columns + c] * e[i * columns + c] }
        // Twice is enough for columns that are nearly parallel.
        for _ in 0..<2 {
          for other in 0..<c {
            var product = 0.0
            for i in 0..<rows { product += e[i * columns + c] * e[i * columns + other] }
            for i in 0..<rows { e[i * columns + c] -= product * e[i * columns + other] }
          }
        }
        var square = 0.0
        for i in 0..<rows { square += e[i * columns + c] * e[i * columns + c] }
        let factor = square > 1e-24 * before ? 1 / square.squareRoot() : 0
        for i in 0..<rows { e[i * columns + c] *= factor }
      }
    }
  }

  /// selfᵀ other, `[columns, columns]`, made symmetric.
  func products(with other: Columns) -> [Double] {
    var result = [Double](repeating: 0, count: columns * columns)
    for i in 0..<rows {
      for a in 0..<columns {
        let value = elements[i * columns + a]
        for b in 0..<columns { result[a * columns + b] += value * other.elements[i * columns + b] }
      }
    }
    for a in 0..<columns {
      for b in 0..<a {
        let mean = (result[a * columns + b] + result[b * columns + a]) / 2
        (result[a * columns + b], result[b * columns + a]) = (mean, mean)
      }
    }
    return result
  }
}

extension InputRows {
  /// Calls `body` for the entries of a row that are not left out: column and value.
  @inline(__always)
  func forEachEntry(ofRow i: Int, _ body: (Int, Float) -> Void) {
    if isSparse {
      for e in sparse.rowStarts[i]..<sparse.rowStarts[i + 1] {
        body(Int(sparse.indices[e]), sparse.values[e])
      }
    } else {
      let rows = Rows(dense)
      for c in 0..<columns { body(c, rows[i, c]) }
    }
  }
}
