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
  let columns = y.columns
  var squares = [Double](repeating: 0, count: y.rows)
  squares.withUnsafeMutableBufferPointer { squares in
    nonisolated(unsafe) let squares = squares
    gradient.withUnsafeMutableElements { g in
      nonisolated(unsafe) let g = g
      y.withUnsafeElements { y in
        x.dense.withUnsafeElements { dense in
          Threads.split(squares.count, grain: 32) { rows in
            for i in rows {
              let first = i * columns
              guard documents.contains(i) else {
                (g.baseAddress! + first).update(repeating: 0, count: columns)
                continue
              }
              if x.isSparse {
                for c in first..<first + columns { g[c] = y[c] }
                for e in x.sparse.rowStarts[i]..<x.sparse.rowStarts[i + 1] {
                  g[first + Int(x.sparse.indices[e])] -= x.sparse.values[e]
                }
              } else {
                for c in first..<first + columns { g[c] = y[c] - dense[c] }
              }
              squares[i] = Double(sumOfSquares(g.baseAddress! + first, columns))
              for c in first..<first + columns { g[c] *= scale }
            }
          }
        }
      }
    }
  }
  return 0.5 * squares.reduce(0, +) * Double(scale)
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
