/// Y ← X·W + b for sparse X, followed by ReLU where `rectified`. Each row of Y is a sum of rows of
/// W, which is why weights are stored as `[input, output]`.
///
/// - Parameters:
///   - x: `[rows, input]`.
///   - w: `[input, output]`.
///   - bias: `[output]`.
///   - y: `[rows, output]`, replaced.
public func multiply(
  _ x: SparseRows, _ w: Matrix, bias: [Float], rectified: Bool = false, into y: inout Matrix
) {
  precondition(x.columns == w.rows && y.rows == x.rows && y.columns == w.columns)
  let n = w.columns
  let w = Rows(w)
  y.withMutableRows { y in
    x.withUnsafeEntries(bias) { starts, indices, values, bias in
      Threads.split(y.count, grain: 32) { rows in
        // Strip by strip, so that a strip of W stays in the second-level cache for all rows.
        forEachStrip(of: 0..<n) { c, count in
          for i in rows {
            sumStrip(
              count, w[0] + c, stride: n, indices, values, starts[i]..<starts[i + 1],
              from: bias + c, rectified, into: y[i] + c)
          }
        }
      }
    }
  }
}

/// dW ← Xᵀ·dY for sparse X: the entry x_ij adds x_ij times row i of dY to row j of dW.
///
/// Each thread computes a range of columns, so the order of the sums, and their bits, do not depend
/// on the number of threads.
public func multiplyTransposed(_ x: SparseRows, _ dy: Matrix, into dw: inout Matrix) {
  precondition(x.rows == dy.rows && dw.rows == x.columns && dw.columns == dy.columns)
  let dy = Rows(dy)
  dw.withMutableRows { dw in
    x.withUnsafeEntries([]) { starts, indices, values, _ in
      Threads.split(dy.columns, grain: 128) { columns in
        for j in dw.indices {
          (dw[j] + columns.lowerBound).update(repeating: 0, count: columns.count)
        }
        forEachStrip(of: columns) { c, count in
          for i in dy.indices {
            scatterStrip(
              count, dy[i] + c, indices, values, starts[i]..<starts[i + 1], into: dw[0] + c,
              stride: dw.columns)
          }
        }
      }
    }
  }
}

extension SparseRows {
  /// Calls `body` with pointers to `rowStarts`, `indices`, `values` and `bias`. An empty array's
  /// pointer must not be read.
  fileprivate func withUnsafeEntries(
    _ bias: [Float],
    _ body: (
      UnsafePointer<Int>, UnsafePointer<Int32>, UnsafePointer<Float>, UnsafePointer<Float>
    ) -> Void
  ) {
    body(rowStarts, indices, values, bias)
  }
}

private typealias Lanes8 = SIMD8<Float>

@inline(__always)
private func load(_ p: UnsafePointer<Float>) -> Lanes8 {
  UnsafeRawPointer(p).loadUnaligned(as: Lanes8.self)
}

@inline(__always)
private func store(_ v: Lanes8, _ p: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(p).storeBytes(of: v, as: Lanes8.self)
}

/// Splits columns into strips of 64, whose sums fit the registers of AVX2, then of 8, then of 1.
@inline(__always)
private func forEachStrip(of columns: Range<Int>, _ body: (_ c: Int, _ count: Int) -> Void) {
  var c = columns.lowerBound
  for count in [64, 8, 1] {
    while c + count <= columns.upperBound {
      body(c, count)
      c += count
    }
  }
}

/// y ← start + Σ_e values_e · (row indices_e of W) on one strip of columns. The entries are added
/// in order, in registers; y is written once.
@inline(__always)
private func sumStrip(
  _ count: Int, _ w: UnsafePointer<Float>, stride n: Int, _ indices: UnsafePointer<Int32>,
  _ values: UnsafePointer<Float>, _ entries: Range<Int>, from start: UnsafePointer<Float>,
  _ rectified: Bool, into y: UnsafeMutablePointer<Float>
) {
  if count == 64 {
    var (a0, a1, a2, a3) = (load(start), load(start + 8), load(start + 16), load(start + 24))
    var (a4, a5) = (load(start + 32), load(start + 40))
    var (a6, a7) = (load(start + 48), load(start + 56))
    for e in entries {
      let row = w + Int(indices[e]) &* n
      let v = Lanes8(repeating: values[e])
      a0 += v * load(row)
      a1 += v * load(row + 8)
      a2 += v * load(row + 16)
      a3 += v * load(row + 24)
      a4 += v * load(row + 32)
      a5 += v * load(row + 40)
      a6 += v * load(row + 48)
      a7 += v * load(row + 56)
    }
    store(a0, y)
    store(a1, y + 8)
    store(a2, y + 16)
    store(a3, y + 24)
    store(a4, y + 32)
    store(a5, y + 40)
    store(a6, y + 48)
    store(a7, y + 56)
  } else if count == 8 {
    var a = load(start)
    for e in entries { a += Lanes8(repeating: values[e]) * load(w + Int(indices[e]) &* n) }
    store(a, y)
  } else {
    var a = start[0]
    for e in entries { a += values[e] * w[Int(indices[e]) &* n] }
    y[0] = a
  }
  if rectified {
    for c in 0..<count { y[c] = y[c] > 0 ? y[c] : 0 }
  }
}

/// (Row indices_e of dW) += values_e · dy for each entry e, on one strip of columns. dy stays in
/// registers.
@inline(__always)
private func scatterStrip(
  _ count: Int, _ dy: UnsafePointer<Float>, _ indices: UnsafePointer<Int32>,
  _ values: UnsafePointer<Float>, _ entries: Range<Int>, into dw: UnsafeMutablePointer<Float>,
  stride n: Int
) {
  if count == 64 {
    let (d0, d1, d2, d3) = (load(dy), load(dy + 8), load(dy + 16), load(dy + 24))
    let (d4, d5, d6, d7) = (load(dy + 32), load(dy + 40), load(dy + 48), load(dy + 56))
    for e in entries {
      let row = dw + Int(indices[e]) &* n
      let v = Lanes8(repeating: values[e])
      store(load(row) + v * d0, row)
      store(load(row + 8) + v * d1, row + 8)
      store(load(row + 16) + v * d2, row + 16)
      store(load(row + 24) + v * d3, row + 24)
      store(load(row + 32) + v * d4, row + 32)
      store(load(row + 40) + v * d5, row + 40)
      store(load(row + 48) + v * d6, row + 48)
      store(load(row + 56) + v * d7, row + 56)
    }
  } else if count == 8 {
    let d = load(dy)
    for e in entries {
      let row = dw + Int(indices[e]) &* n
      store(load(row) + Lanes8(repeating: values[e]) * d, row)
    }
  } else {
    for e in entries { dw[Int(indices[e]) &* n] += values[e] * dy[0] }
  }
}
