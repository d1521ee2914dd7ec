/// A dense matrix of Float, row-major, with value semantics.
public struct Matrix: Equatable, Sendable {
  public private(set) var rows: Int
  public let columns: Int
  /// The elements, row after row; `rows * columns` of them.
  public var elements: [Float]

  /// A matrix of zeros.
  public init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    elements = [Float](repeating: 0, count: rows * columns)
  }

  /// Takes `elements`, row after row.
  public init(rows: Int, columns: Int, elements: [Float]) {
    precondition(elements.count == rows * columns, "\(elements.count) for \(rows) x \(columns)")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  @inlinable
  public subscript(row: Int, column: Int) -> Float {
    get { elements[row * columns + column] }
    set { elements[row * columns + column] = newValue }
  }

  /// A copy of row `i`.
  public func row(_ i: Int) -> ArraySlice<Float> {
    elements[i * columns..<(i + 1) * columns]
  }

  /// A copy of the rows in `range`.
  public func rows(_ range: Range<Int>) -> Matrix {
    Matrix(
      rows: range.count, columns: columns,
      elements: Array(elements[range.lowerBound * columns..<range.upperBound * columns]))
  }

  /// Replaces the rows by those of `other`, in the memory that is there.
  public mutating func copy(from other: Matrix) {
    precondition(columns == other.columns)
    resize(rows: other.rows)
    elements.withUnsafeMutableBufferPointer { target in
      other.elements.withUnsafeBufferPointer { _ = target.update(from: $0) }
    }
  }

  /// Changes the number of rows; rows beyond the old number are zero. Shrinking keeps the memory, so
  /// a buffer that once held the largest batch allocates no more.
  public mutating func resize(rows newRows: Int) {
    let count = newRows * columns
    if count < elements.count {
      elements.removeLast(elements.count - count)
    } else if count > elements.count {
      elements.append(contentsOf: repeatElement(0, count: count - elements.count))
    }
    rows = newRows
  }
}

extension Matrix: ExpressibleByArrayLiteral {
  /// `[[1, 2], [3, 4]]`: rows of equal length.
  public init(arrayLiteral rows: [Float]...) {
    precondition(rows.allSatisfy { $0.count == rows[0].count }, "ragged rows")
    self.init(rows: rows.count, columns: rows.first?.count ?? 0, elements: rows.flatMap { $0 })
  }
}
