extension Matrix {
  /// Every row ← `values`.
  public mutating func fillRows(with values: [Float]) {
    precondition(values.count == columns)
    withMutableRows { x in
      for i in x.indices { x[i].update(from: values, count: x.columns) }
    }
  }

  /// x ← max(0, x), every element.
  public mutating func rectify() {
    withUnsafeMutableElements { e in
      nonisolated(unsafe) let e = e
      Threads.split(e.count, grain: 1 << 16) { part in
        for i in part { e[i] = e[i] > 0 ? e[i] : 0 }
      }
    }
  }

  /// Every element ← itself times `scale` where `output` is positive, else 0: the gradient through
  /// ReLU, and through the dropout that followed it, whose output is 0 exactly where either blocked.
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

  /// sums ← the sum of each column.
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

  /// The matrix with rows and columns exchanged.
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

  /// Every element times `factor`.
  public mutating func scale(by factor: Float) {
    withUnsafeMutableElements { for i in $0.indices { $0[i] *= factor } }
  }
}
