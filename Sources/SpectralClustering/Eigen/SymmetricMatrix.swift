import DenseMath

/// A sparse symmetric matrix in double precision, by rows (CSR).
public struct SymmetricMatrix: Sendable {
  /// n.
  public let count: Int
  /// Row i has the entries `rowStarts[i] ..< rowStarts[i + 1]`, one more than rows.
  let rowStarts: [Int]
  /// Ascending within a row.
  let columns: [Int32]
  var values: [Double]

  /// Makes a matrix of rows that are given by their entries, whose values are added where columns
  /// occur more than once, in the order in which they are given.
  ///
  /// - Parameters:
  ///   - count: n.
  ///   - combine: What becomes of two values in one place.
  ///   - row: Appends the entries of a row: column and value.
  init(
    count: Int, combine: (Double, Double) -> Double = (+),
    row: (Int, inout [(column: Int32, value: Double)]) -> Void
  ) {
    self.count = count
    var (rowStarts, columns, values) = ([0], [Int32](), [Double]())
    var entries: [(column: Int32, value: Double)] = []
    var order: [Int] = []
    for i in 0..<count {
      entries.removeAll(keepingCapacity: true)
      row(i, &entries)
      order.removeAll(keepingCapacity: true)
      order.append(contentsOf: entries.indices)
      order.sort { (entries[$0].column, $0) < (entries[$1].column, $1) }
      let start = columns.count
      for e in order {
        if columns.count > start, columns[columns.count - 1] == entries[e].column {
          values[values.count - 1] = combine(values[values.count - 1], entries[e].value)
        } else {
          columns.append(entries[e].column)
          values.append(entries[e].value)
        }
      }
      rowStarts.append(columns.count)
    }
    (self.rowStarts, self.columns, self.values) = (rowStarts, columns, values)
  }

  /// y ← A x, `[n]`.
  func multiply(_ x: UnsafePointer<Double>, into y: UnsafeMutablePointer<Double>) {
    rowStarts.withUnsafeBufferPointer { starts in
      columns.withUnsafeBufferPointer { columns in
        values.withUnsafeBufferPointer { values in
          nonisolated(unsafe) let (x, y, starts, columns, values) = (x, y, starts, columns, values)
          Threads.split(count, grain: 4096) { rows in
            for i in rows {
              var sum = 0.0
              for e in starts[i]..<starts[i + 1] { sum += values[e] * x[Int(columns[e])] }
              y[i] = sum
            }
          }
        }
      }
    }
  }

  /// The diagonal, `[n]`.
  public var diagonal: [Double] { (0..<count).map { self[$0, $0] } }

  /// The element in row i and column j; 0 where there is no entry.
  public subscript(i: Int, j: Int) -> Double {
    for e in rowStarts[i]..<rowStarts[i + 1] where columns[e] == Int32(j) { return values[e] }
    return 0
  }

  /// The largest sum of magnitudes in a row: no eigenvalue is larger (Gershgorin).
  var largestRowSum: Double {
    (0..<count).reduce(0) { most, i in
      max(most, values[rowStarts[i]..<rowStarts[i + 1]].reduce(0) { $0 + abs($1) })
    }
  }

  /// All elements, `[n, n]`.
  public var dense: [Double] {
    var dense = [Double](repeating: 0, count: count * count)
    for i in 0..<count {
      for e in rowStarts[i]..<rowStarts[i + 1] { dense[i * count + Int(columns[e])] = values[e] }
    }
    return dense
  }
}
