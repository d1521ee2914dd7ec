/// Y ← X·W + b for sparse X: every row of Y is a sum of rows of W, which is why weights are kept
/// `[input, output]`.
///
/// - Parameters:
///   - x: `[rows, input]`.
///   - w: `[input, output]`.
///   - bias: `[output]`.
///   - y: `[rows, output]`, replaced.
public func multiply(_ x: SparseRows, _ w: Matrix, bias: [Float], into y: inout Matrix) {
  precondition(x.columns == w.rows && y.rows == x.rows && y.columns == w.columns)
  let n = w.columns
  x.indices.withUnsafeBufferPointer { indices in
    x.values.withUnsafeBufferPointer { values in
      w.elements.withUnsafeBufferPointer { w in
        bias.withUnsafeBufferPointer { bias in
          y.elements.withUnsafeMutableBufferPointer { y in
            nonisolated(unsafe) let y = y
            Threads.split(x.rows, grain: 32) { rows in
              for i in rows {
                sumRows(
                  of: w.baseAddress!, width: n, indices, values,
                  x.rowStarts[i]..<x.rowStarts[i + 1], from: bias.baseAddress!,
                  into: y.baseAddress! + i * n)
              }
            }
          }
        }
      }
    }
  }
}

/// y ← start + Σ value·row, four rows of w at a time so that y is loaded and stored a quarter as often.
@inline(__always)
private func sumRows(
  of w: UnsafePointer<Float>, width n: Int, _ indices: UnsafeBufferPointer<Int32>,
  _ values: UnsafeBufferPointer<Float>, _ entries: Range<Int>, from start: UnsafePointer<Float>,
  into y: UnsafeMutablePointer<Float>
) {
  y.update(from: start, count: n)
  var e = entries.lowerBound
  while e + 4 <= entries.upperBound {
    let (w0, w1) = (w + Int(indices[e]) * n, w + Int(indices[e + 1]) * n)
    let (w2, w3) = (w + Int(indices[e + 2]) * n, w + Int(indices[e + 3]) * n)
    let (v0, v1, v2, v3) = (values[e], values[e + 1], values[e + 2], values[e + 3])
    for c in 0..<n { y[c] += (v0 * w0[c] + v1 * w1[c]) + (v2 * w2[c] + v3 * w3[c]) }
    e += 4
  }
  while e < entries.upperBound {
    let (row, v) = (w + Int(indices[e]) * n, values[e])
    for c in 0..<n { y[c] += v * row[c] }
    e += 1
  }
}

/// dW ← Xᵀ·dY for sparse X: every entry of X adds a multiple of its row of dY to its row of dW.
///
/// Threads share the columns, so the sum's order, and its bits, do not depend on them.
public func multiplyTransposed(_ x: SparseRows, _ dy: Matrix, into dw: inout Matrix) {
  precondition(x.rows == dy.rows && dw.rows == x.columns && dw.columns == dy.columns)
  let n = dy.columns
  let inputs = dw.rows
  x.indices.withUnsafeBufferPointer { indices in
    x.values.withUnsafeBufferPointer { values in
      dy.elements.withUnsafeBufferPointer { dy in
        dw.elements.withUnsafeMutableBufferPointer { dw in
          nonisolated(unsafe) let dw = dw.baseAddress!
          Threads.split(n, grain: 128) { columns in
            for j in 0..<inputs {
              (dw + j * n + columns.lowerBound).update(repeating: 0, count: columns.count)
            }
            for i in 0..<x.rows {
              let row = dy.baseAddress! + i * n
              for e in x.rowStarts[i]..<x.rowStarts[i + 1] {
                let (target, v) = (dw + Int(indices[e]) * n, values[e])
                for c in columns { target[c] += v * row[c] }
              }
            }
          }
        }
      }
    }
  }
}
