/// Rows of a sparse matrix, `[rows, columns]`, in compressed form (CSR), such as a minibatch of
/// documents.
///
/// The entries of row i are `rowStarts[i] ..< rowStarts[i + 1]`; entry e has the value `values[e]`
/// in column `indices[e]`. Columns ascend within a row.
public struct SparseRows: Equatable, Sendable {
  public var columns: Int
  public var rowStarts: [Int]
  public var indices: [Int32]
  public var values: [Float]

  public init(columns: Int) {
    self.columns = columns
    rowStarts = [0]
    indices = []
    values = []
  }

  public init(columns: Int, rowStarts: [Int], indices: [Int32], values: [Float]) {
    precondition(rowStarts.first == 0 && rowStarts.last == indices.count)
    precondition(indices.count == values.count)
    self.columns = columns
    self.rowStarts = rowStarts
    self.indices = indices
    self.values = values
  }

  public var rows: Int { rowStarts.count - 1 }

  /// Removes all rows, keeping the memory.
  public mutating func removeAll() {
    rowStarts.removeAll(keepingCapacity: true)
    rowStarts.append(0)
    indices.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
  }

  /// Replaces the rows by those of `other`, reusing the memory.
  public mutating func copy(from other: SparseRows) {
    rowStarts.removeAll(keepingCapacity: true)
    rowStarts.append(contentsOf: other.rowStarts)
    indices.removeAll(keepingCapacity: true)
    indices.append(contentsOf: other.indices)
    values.removeAll(keepingCapacity: true)
    values.append(contentsOf: other.values)
  }

  /// Appends a row; `indices` ascend and are below `columns`.
  public mutating func appendRow(
    indices rowIndices: UnsafeBufferPointer<Int32>, values rowValues: UnsafeBufferPointer<Float>
  ) {
    indices.append(contentsOf: rowIndices)
    values.append(contentsOf: rowValues)
    rowStarts.append(indices.count)
  }

  /// Appends a row of zeros.
  public mutating func appendEmptyRow() { rowStarts.append(indices.count) }
}
