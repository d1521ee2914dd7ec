/// Read access to the elements of a matrix for kernels: `x[i, j]`, or `x[i]` for a pointer to row
/// i.
///
/// It retains the matrix's memory, so, as with any copy, changing the matrix copies the memory
/// first: the elements seen here never change. Keep it no longer than one function. Indices are
/// checked in debug builds only.
public struct Rows: Sendable {
  /// The number of rows.
  public let count: Int
  public let columns: Int
  @usableFromInline nonisolated(unsafe) let start: UnsafePointer<Float>
  @usableFromInline let memory: Memory

  @inlinable @inline(__always)
  public init(_ matrix: Matrix) {
    count = matrix.rows
    columns = matrix.columns
    memory = matrix.memory
    start = UnsafePointer(matrix.memory.start)
  }

  @inlinable
  public var indices: Range<Int> { 0..<count }

  public subscript(i: Int) -> UnsafePointer<Float> {
    @_transparent get {
      assert(i >= 0 && i <= count, "row \(i) of \(count)")
      return start + i &* columns
    }
  }

  public subscript(i: Int, j: Int) -> Float {
    @_transparent get {
      assert(i >= 0 && i < count && j >= 0 && j < columns, "(\(i), \(j)) of \(count) x \(columns)")
      return start[i &* columns &+ j]
    }
  }

  /// The column of the largest element of row i, the first among equals.
  @inlinable
  public func argmax(_ i: Int) -> Int {
    let row = self[i]
    var best = 0
    for j in 0..<columns where row[j] > row[best] { best = j }
    return best
  }
}

/// Write access to the elements of a matrix for kernels, within `Matrix.withMutableRows`. Several
/// threads may use it at once if they write different elements.
public struct MutableRows: @unchecked Sendable {
  /// The number of rows.
  public let count: Int
  public let columns: Int
  @usableFromInline let start: UnsafeMutablePointer<Float>

  @inlinable
  init(count: Int, columns: Int, start: UnsafeMutablePointer<Float>) {
    self.count = count
    self.columns = columns
    self.start = start
  }

  @inlinable
  public var indices: Range<Int> { 0..<count }

  public subscript(i: Int) -> UnsafeMutablePointer<Float> {
    @_transparent get {
      assert(i >= 0 && i <= count, "row \(i) of \(count)")
      return start + i &* columns
    }
  }

  public subscript(i: Int, j: Int) -> Float {
    @_transparent get {
      assert(i >= 0 && i < count && j >= 0 && j < columns, "(\(i), \(j)) of \(count) x \(columns)")
      return start[i &* columns &+ j]
    }
    @_transparent nonmutating set {
      assert(i >= 0 && i < count && j >= 0 && j < columns, "(\(i), \(j)) of \(count) x \(columns)")
      start[i &* columns &+ j] = newValue
    }
  }
}

extension Matrix {
  /// Calls `body` with the elements, which it may change.
  @inlinable @inline(__always)
  public mutating func withMutableRows<R>(_ body: (MutableRows) throws -> R) rethrows -> R {
    beUnique()
    return try withExtendedLifetime(memory) {
      try body(MutableRows(count: rows, columns: columns, start: memory.start))
    }
  }
}
