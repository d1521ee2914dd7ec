import Datasets
import DenseMath
import Glibc

/// How documents are laid out for the products of the search.
struct ProductRows {
  /// Whether products are of sparse rows with dense columns; otherwise sgemm multiplies dense rows.
  let isSparse: Bool
  private let all: Shard
  /// What is subtracted from dense rows, which brings them near the origin: expanded distances
  /// cancel digits far from it. Zeros where rows are sparse, to keep them so.
  private let origin: [Float]

  /// Below this density sparse products are faster than sgemm.
  private static let density = 0.1

  init(_ all: Shard) {
    self.all = all
    isSparse =
      all.isSparse
      && Double(all.entryCount) < Self.density * Double(all.range.count) * Double(all.features)
    origin = all.isSparse ? [Float](repeating: 0, count: all.features) : Self.mean(of: all)
  }

  /// Roughly, of evenly spaced documents: any point amid the documents will do.
  private static func mean(of all: Shard) -> [Float] {
    let n = all.range.count
    let stride = max(1, n / 4096)
    var rows = InputRows(columns: all.features, isSparse: false)
    all.gather(Array(Swift.stride(from: 0, to: n, by: stride)), into: &rows)
    var sums = [Double](repeating: 0, count: all.features)
    let x = Rows(rows.dense)
    for i in x.indices { for l in sums.indices { sums[l] += Double(x[i, l]) } }
    return sums.map { Float($0 / Double(max(1, x.count))) }
  }

  /// Documents as dense rows relative to the origin, `[documents, features]`.
  func dense(_ documents: Range<Int>) -> Matrix {
    var rows = InputRows(columns: all.features, isSparse: all.isSparse)
    all.gather(documents, into: &rows)
    guard all.isSparse else {
      let d = all.features
      rows.dense.withMutableRows { x in
        for i in x.indices { for l in 0..<d { x[i][l] -= origin[l] } }
      }
      return rows.dense
    }
    var dense = Matrix(rows: documents.count, columns: all.features)
    dense.withMutableRows { x in
      for i in x.indices {
        for e in rows.sparse.rowStarts[i]..<rows.sparse.rowStarts[i + 1] {
          x[i][Int(rows.sparse.indices[e])] = rows.sparse.values[e]
        }
      }
    }
    return dense
  }

  /// Documents as they are in a sparse dataset.
  func sparse(_ documents: Range<Int>) -> SparseRows {
    var rows = InputRows(columns: all.features, isSparse: true)
    all.gather(documents, into: &rows)
    return rows.sparse
  }
}

/// The documents that a block of others is compared with.
struct ReferenceTile {
  let documents: Range<Int>
  /// Rows, `[documents, features]`, or where rows are sparse columns, `[features, documents]`.
  let matrix: Matrix
  /// ‖y‖²/2 of each document.
  let half: Matrix

  init(_ documents: Range<Int>, of rows: ProductRows) {
    self.documents = documents
    var half = Matrix(rows: 1, columns: documents.count)
    if rows.isSparse {
      let sparse = rows.sparse(documents)
      var columns = Matrix(rows: sparse.columns, columns: documents.count)
      columns.withMutableRows { columns in
        half.withMutableRows { half in
          for i in 0..<sparse.rows {
            for e in sparse.rowStarts[i]..<sparse.rowStarts[i + 1] {
              let value = sparse.values[e]
              columns[Int(sparse.indices[e])][i] = value
              half[0][i] += value * value / 2
            }
          }
        }
      }
      matrix = columns
    } else {
      matrix = rows.dense(documents)
      let x = Rows(matrix)
      half.withMutableRows { half in
        for i in x.indices { half[0][i] = squareNorm(x[i], x.columns) / 2 }
      }
    }
    self.half = half
  }
}

@inline(__always)
private func squareNorm(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
  var sums = SIMD8<Float>(repeating: 0)
  var l = 0
  while l + 8 <= count {
    let v = UnsafeRawPointer(x + l).loadUnaligned(as: SIMD8<Float>.self)
    sums += v * v
    l += 8
  }
  var sum = sums.sum()
  while l < count {
    sum += x[l] * x[l]
    l += 1
  }
  return sum
}
