/// Scales for the columns of a matrix that turn its elements into small integers, whose products
/// sum exactly in Float, in any order: the error-free splitting of Ozaki et al. 2012, with one
/// slice.
///
/// Column c is divided by a power of two and rounded to integers of magnitude up to `largest`, such
/// that the sum of `rows` products of two such integers is at most 2²⁴.
public struct ColumnUnits: Sendable {
  /// The value of the integer 1 in each column, `[columns]`; powers of two.
  public private(set) var units: [Float]
  private var inverses: [Float]

  public init(columns: Int) {
    units = [Float](repeating: 1, count: columns)
    inverses = units
  }

  /// The largest magnitude of integers for which the sum of `rows` products is exact.
  public static func largest(rows: Int) -> Int {
    Int((Float(1 << 24) / Float(max(1, rows))).squareRoot().rounded(.down)) - (rows > 1 ? 1 : 0)
  }

  /// Chooses the units.
  ///
  /// - Parameters:
  ///   - maxima: The largest magnitude in each column, `[columns]`, over all rows of the sum on all
  ///     ranks.
  ///   - largest: The largest magnitude of the integers, from `largest(rows:)`.
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

  /// Replaces the rows `rows` of `x` by integers, and all other rows by 0.
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

  /// Replaces all entries of `x` by integers.
  public func round(_ x: inout SparseRows) {
    for e in x.values.indices {
      x.values[e] = wholeNumber(x.values[e] / units[Int(x.indices[e])])
    }
  }
}

/// Rounds to the nearest integer, ties to even, for |value| < 2²²; without a function call, so that
/// the compiler vectorises loops around it.
@inline(__always)
private func wholeNumber(_ value: Float) -> Float { (value + 12_582_912) - 12_582_912 }

extension Matrix {
  /// maxima[first + c] ← max(maxima[first + c], max_i |x_ic|) over the rows i in `rows`, for each
  /// column c.
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
  /// maxima[c] ← max(maxima[c], max_i |x_ic|) for each column c.
  public func raiseColumnMaxima(_ maxima: inout [Float]) {
    precondition(columns <= maxima.count)
    for (index, value) in zip(indices, values) {
      maxima[Int(index)] = max(maxima[Int(index)], abs(value))
    }
  }
}
