import DenseMath

/// The least-squares loss of Section 3.2 in the authors' scale, ½·Σ(y−x)² / (batch·d), and its
/// gradient (y−x) / (batch·d).
///
/// - Parameters:
///   - y: The reconstruction, `[rows, d]`.
///   - x: The uncorrupted input, `[rows, d]`; sparse x is subtracted where it has entries.
///   - batchCount: Documents in the minibatch over all ranks, of which y holds this rank's.
///   - documents: The rows that are documents; the others have no loss and no gradient.
///   - gradient: Replaced, `[rows, d]`.
/// - Returns: This rank's part of the minibatch's loss.
func reconstructionLoss(
  of y: Matrix, against x: InputRows, batchCount: Int, documents: Range<Int>,
  gradient: inout Matrix
) -> Double {
  precondition(y.rows == x.rows && y.columns == x.columns)
  let scale = 1 / (Float(batchCount) * Float(y.columns))
  gradient.resize(rows: y.rows)
  var squares = [Double](repeating: 0, count: y.rows)
  let y = Rows(y)
  let dense = Rows(x.dense)
  gradient.withMutableRows { g in
    squares.withUnsafeMutableBufferPointer { squares in
      nonisolated(unsafe) let squares = squares
      Threads.split(y.count, grain: 32) { rows in
        for i in rows {
          guard documents.contains(i) else {
            g[i].update(repeating: 0, count: y.columns)
            continue
          }
          if x.isSparse {
            subtract(row: i, of: x.sparse, from: y[i], y.columns, into: g[i])
          } else {
            subtract(dense[i], from: y[i], y.columns, into: g[i])
          }
          squares[i] = Double(sumOfSquares(g[i], y.columns))
          let row = g[i]
          for c in 0..<y.columns { row[c] *= scale }
        }
      }
    }
  }
  return 0.5 * squares.reduce(0, +) * Double(scale)
}

/// g ← y − x.
@inline(__always)
private func subtract(
  _ x: UnsafePointer<Float>, from y: UnsafePointer<Float>, _ count: Int,
  into g: UnsafeMutablePointer<Float>
) {
  for c in 0..<count { g[c] = y[c] - x[c] }
}

/// g ← y − row i of x.
@inline(__always)
private func subtract(
  row i: Int, of x: SparseRows, from y: UnsafePointer<Float>, _ count: Int,
  into g: UnsafeMutablePointer<Float>
) {
  g.update(from: y, count: count)
  for e in x.rowStarts[i]..<x.rowStarts[i + 1] { g[Int(x.indices[e])] -= x.values[e] }
}

/// Σ x², in eight sums side by side.
private func sumOfSquares(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
  var sums = SIMD8<Float>(repeating: 0)
  var c = 0
  while c + 8 <= count {
    let v = UnsafeRawPointer(x + c).loadUnaligned(as: SIMD8<Float>.self)
    sums += v * v
    c += 8
  }
  var sum = sums.sum()
  for c in c..<count { sum += x[c] * x[c] }
  return sum
}
