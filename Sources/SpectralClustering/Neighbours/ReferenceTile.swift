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

  /// dense ← documents as dense rows relative to the origin, `[documents, features]`.
  ///
  /// - Parameter rows: Memory for the rows as they are in the dataset.
  func gatherDense(_ documents: Range<Int>, by rows: inout InputRows, into dense: inout Matrix) {
    all.gather(documents, into: &rows)
    let d = all.features
    dense.resize(rows: documents.count)
    dense.withMutableRows { x in
      if all.isSparse {
        for i in x.indices {
          x[i].update(repeating: 0, count: d)
          for e in rows.sparse.rowStarts[i]..<rows.sparse.rowStarts[i + 1] {
            x[i][Int(rows.sparse.indices[e])] = rows.sparse.values[e]
          }
        }
      } else {
        let source = Rows(rows.dense)
        origin.withUnsafeBufferPointer { origin in
          for i in x.indices {
            let (from, to) = (source[i], x[i])
            for l in 0..<d { to[l] = from[l] - origin[l] }
          }
        }
      }
    }
  }

  /// rows ← documents as they are in a sparse dataset.
  func gatherSparse(_ documents: Range<Int>, into rows: inout InputRows) {
    all.gather(documents, into: &rows)
  }

  /// Memory for rows as they are in the dataset.
  var emptyRows: InputRows { InputRows(columns: all.features, isSparse: all.isSparse) }
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
    var gathered = rows.emptyRows
    if rows.isSparse {
      rows.gatherSparse(documents, into: &gathered)
      let sparse = gathered.sparse
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
      var dense = Matrix(rows: 0, columns: gathered.columns)
      rows.gatherDense(documents, by: &gathered, into: &dense)
      matrix = dense
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
