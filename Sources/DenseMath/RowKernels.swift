extension Matrix {
  /// x_i ← values, for every row i.
  public mutating func fillRows(with values: [Float]) {
    precondition(values.count == columns)
    withMutableRows { x in
      for i in x.indices { x[i].update(from: values, count: x.columns) }
    }
  }

  /// x ← max(0, x), elementwise: ReLU.
  public mutating func rectify() {
    withUnsafeMutableElements { e in
      nonisolated(unsafe) let e = e
      Threads.split(e.count, grain: 1 << 16) { part in
        for i in part { e[i] = e[i] > 0 ? e[i] : 0 }
      }
    }
  }

  /// x ← x · scale where `output` is positive, else 0, elementwise: the gradient through ReLU and
  /// the dropout after it. Their output is 0 exactly where either of them blocked the element.
  public mutating func keep(wherePositive output: Matrix, scale: Float = 1) {
    precondition(rows == output.rows && columns == output.columns)
    let count = count
    let output = Rows(output)
    withMutableRows { x in
      let (e, output) = (x[0], output[0])
      Threads.split(count, grain: 1 << 16) { part in
        for i in part { e[i] = output[i] > 0 ? e[i] * scale : 0 }
      }
    }
  }

  /// sums_c ← Σ_i x_ic, for each column c.
  public func columnSums(into sums: inout [Float]) {
    precondition(sums.count == columns)
    let x = Rows(self)
    sums.withUnsafeMutableBufferPointer { sums in
      nonisolated(unsafe) let sums = sums.baseAddress!
      Threads.split(x.columns, grain: 256) { part in
        (sums + part.lowerBound).update(repeating: 0, count: part.count)
        for i in x.indices {
          let row = x[i]
          for c in part { sums[c] += row[c] }
        }
      }
    }
  }

  /// The transposed matrix.
  public func transposed() -> Matrix {
    var result = Matrix(rows: columns, columns: rows)
    let x = Rows(self)
    result.withMutableRows { result in
      for i in x.indices {
        for j in 0..<x.columns { result[j, i] = x[i, j] }
      }
    }
    return result
  }

  /// x ← x · factor, elementwise.
  public mutating func scale(by factor: Float) {
    withUnsafeMutableElements { for i in $0.indices { $0[i] *= factor } }
  }
}
