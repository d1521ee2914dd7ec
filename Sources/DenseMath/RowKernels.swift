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

  /// x_i ← length · x_i / ‖x_i‖, for every row i; a row of zeros stays.
  ///
  /// A row's bits depend on this row alone.
  ///
  /// - Parameter lengths: Replaced by ‖x_i‖ before.
  public mutating func normalizeRows(to length: Float, lengths: inout [Float]) {
    if lengths.count != rows { lengths = [Float](repeating: 0, count: rows) }
    withMutableRows { x in
      for i in x.indices {
        let row = x[i]
        var sum: Float = 0
        for c in 0..<x.columns { sum += row[c] * row[c] }
        lengths[i] = sum.squareRoot()
        guard sum > 0 else { continue }
        let factor = length / lengths[i]
        for c in 0..<x.columns { row[c] *= factor }
      }
    }
  }

  /// x ← the gradient before `normalizeRows`, where x is the one after it:
  ///
  ///     dc = length/‖c‖ (dz − u (u · dz)),   u = z / length
  ///
  /// - Parameters:
  ///   - lengths: ‖c_i‖.
  ///   - output: z, what `normalizeRows` made of c.
  public mutating func throughNormalization(
    to length: Float, lengths: [Float], output: Matrix
  ) {
    precondition(rows == output.rows && columns == output.columns && lengths.count == rows)
    let z = Rows(output)
    withMutableRows { x in
      for i in x.indices {
        guard lengths[i] > 0 else {
          x[i].update(repeating: 0, count: x.columns)
          continue
        }
        let (dz, z) = (x[i], z[i])
        var along: Float = 0
        for c in 0..<x.columns { along += z[c] * dz[c] }
        along /= length * length
        let factor = length / lengths[i]
        for c in 0..<x.columns { dz[c] = factor * (dz[c] - along * z[c]) }
      }
    }
  }
}
