/// Columns brought to small whole numbers, so that sums of their products are exact in Float, whatever
/// the order: the error-free splitting of Ozaki et al. 2012, with one slice.
///
/// Column c is divided by a power of two and rounded to integers of magnitude up to `largest`; with
/// products of two such numbers, `rows` of them sum to at most 2²⁴.
public struct ColumnUnits: Sendable {
  /// What a whole number stands for, `[columns]`; powers of two.
  public private(set) var units: [Float]
  private var inverses: [Float]

  public init(columns: Int) {
    units = [Float](repeating: 1, count: columns)
    inverses = units
  }

  /// The largest whole number at which the products of `rows` pairs still sum exactly.
  public static func largest(rows: Int) -> Int {
    Int((Float(1 << 24) / Float(max(1, rows))).squareRoot().rounded(.down)) - (rows > 1 ? 1 : 0)
  }

  /// - Parameters:
  ///   - maxima: The largest magnitude of each column, over all rows that will be summed.
  ///   - largest: See above.
  public mutating func fit(_ maxima: ArraySlice<Float>, largest: Int) {
    precondition(maxima.count == units.count)
    for (column, maximum) in maxima.enumerated() {
      var power: Float = 1
      if maximum > 1e-30, maximum.isFinite {
        let unit = maximum / Float(largest)
        power = Float(sign: .plus, exponent: unit.exponent, significand: 1)
        if power < unit { power *= 2 }
      }
      units[column] = power
      inverses[column] = 1 / power
    }
  }

  /// Rounds `rows` of `x` to whole numbers; the others become 0.
  public func round(_ x: inout Matrix, rows: Range<Int>) {
    let columns = x.columns
    x.withMutableRows { x in
      inverses.withUnsafeBufferPointer { inverse in
        Threads.split(x.count, grain: 32) { part in
          for i in part {
            let row = x[i]
            if rows.contains(i) {
              for c in 0..<columns { row[c] = wholeNumber(row[c] * inverse[c]) }
            } else {
              row.update(repeating: 0, count: columns)
            }
          }
        }
      }
    }
  }

  /// Rounds all entries of `x` to whole numbers.
  public func round(_ x: inout SparseRows) {
    for e in x.values.indices {
      x.values[e] = wholeNumber(x.values[e] / units[Int(x.indices[e])])
    }
  }
}

/// Rounds to the nearest whole number, ties to even, for |value| < 2²²; without a call, so that loops
/// become vector code.
@inline(__always)
private func wholeNumber(_ value: Float) -> Float { (value + 12_582_912) - 12_582_912 }

extension Matrix {
  /// maxima[first + c] ← the largest magnitude in column c of the given rows, or what it was.
  public func raiseColumnMaxima(_ maxima: inout [Float], from first: Int = 0, rows: Range<Int>) {
    precondition(first + columns <= maxima.count)
    let x = Rows(self)
    maxima.withUnsafeMutableBufferPointer { maxima in
      nonisolated(unsafe) let maxima = maxima.baseAddress! + first
      Threads.split(x.columns, grain: 256) { part in
        for i in rows {
          let row = x[i]
          for c in part {
            let value = abs(row[c])
            maxima[c] = maxima[c] > value ? maxima[c] : value
          }
        }
      }
    }
  }
}

extension SparseRows {
  /// maxima[c] ← the largest magnitude in column c, or what it was.
  public func raiseColumnMaxima(_ maxima: inout [Float]) {
    precondition(columns <= maxima.count)
    for (index, value) in zip(indices, values) {
      maxima[Int(index)] = max(maxima[Int(index)], abs(value))
    }
  }
}
