/// Rows of input for the first layer, `[rows, columns]`, sparse or dense like the dataset.
public struct InputRows: Equatable, Sendable {
  public let isSparse: Bool
  /// The rows where `isSparse`; otherwise empty.
  public var sparse: SparseRows
  /// The rows where not `isSparse`; otherwise empty.
  public var dense: Matrix

  /// Makes an empty set of rows.
  public init(columns: Int, isSparse: Bool) {
    self.isSparse = isSparse
    sparse = SparseRows(columns: columns)
    dense = Matrix(rows: 0, columns: columns)
  }

  public init(_ rows: SparseRows) {
    isSparse = true
    sparse = rows
    dense = Matrix(rows: 0, columns: rows.columns)
  }

  public init(_ rows: Matrix) {
    isSparse = false
    sparse = SparseRows(columns: rows.columns)
    dense = rows
  }

  public var rows: Int { isSparse ? sparse.rows : dense.rows }
  public var columns: Int { dense.columns }

  /// Replaces the rows by those of `other`, reusing the memory.
  public mutating func copy(from other: InputRows) {
    precondition(isSparse == other.isSparse && columns == other.columns)
    if isSparse {
      sparse.copy(from: other.sparse)
    } else {
      dense.copy(from: other.dense)
    }
  }

  /// Inserts `before` rows of zeros at the beginning, and appends `after` rows of zeros.
  public mutating func pad(before: Int, after: Int) {
    if isSparse {
      sparse.rowStarts.insert(contentsOf: repeatElement(0, count: before), at: 0)
      for _ in 0..<after { sparse.appendEmptyRow() }
    } else {
      let (count, shift) = (dense.count, before * columns)
      dense.resize(rows: before + dense.rows + after)
      guard shift > 0 else { return }
      dense.withUnsafeMutableElements {
        let first = $0.baseAddress!
        (first + shift).update(from: first, count: count)
        first.update(repeating: 0, count: shift)
      }
    }
  }
}
