/// A dense matrix of Float, row-major, with value semantics.
///
/// It owns its memory, or lies in memory that several processes share
/// (`init(rows:columns:at:keeping:)`).
public struct Matrix: Sendable {
  public private(set) var rows: Int
  public let columns: Int
  @usableFromInline var memory: Memory

  /// A matrix of zeros.
  public init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    memory = rows * columns == 0 ? .none : Memory(capacity: rows * columns)
    memory.start.update(repeating: 0, count: rows * columns)
  }

  /// Makes a matrix of `elements`, given in row order.
  public init(rows: Int, columns: Int, elements: [Float]) {
    precondition(elements.count == rows * columns, "\(elements.count) for \(rows) x \(columns)")
    self.rows = rows
    self.columns = columns
    memory = Memory(capacity: elements.count)
    elements.withUnsafeBufferPointer {
      if let first = $0.baseAddress { memory.start.initialize(from: first, count: $0.count) }
    }
  }

  /// Makes a matrix of the elements at `address`. Changing this matrix, or its only remaining copy,
  /// writes to that memory.
  ///
  /// - Parameter owner: An object that keeps the memory alive.
  public init(
    rows: Int, columns: Int, at address: UnsafeMutablePointer<Float>, keeping owner: AnyObject
  ) {
    self.rows = rows
    self.columns = columns
    memory = Memory(at: address, capacity: rows * columns, keeping: owner)
  }

  /// The number of elements.
  @inlinable
  public var count: Int { rows * columns }

  /// A copy of the elements in row order.
  public var elements: [Float] { withUnsafeElements { Array($0) } }

  @inlinable
  public subscript(row: Int, column: Int) -> Float {
    get { memory.start[offset(row, column)] }
    set {
      let offset = offset(row, column)
      beUnique()
      memory.start[offset] = newValue
    }
  }

  @inlinable
  func offset(_ row: Int, _ column: Int) -> Int {
    precondition(row >= 0 && row < rows && column >= 0 && column < columns)
    return row * columns + column
  }

  /// Calls `body` with the elements in row order.
  @inlinable
  public func withUnsafeElements<R>(_ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R
  {
    try withExtendedLifetime(memory) {
      try body(UnsafeBufferPointer(start: memory.start, count: count))
    }
  }

  /// Calls `body` with the elements in row order, which it may change.
  @inlinable
  public mutating func withUnsafeMutableElements<R>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws -> R
  ) rethrows -> R {
    beUnique()
    return try withExtendedLifetime(memory) {
      try body(UnsafeMutableBufferPointer(start: memory.start, count: count))
    }
  }

  /// A copy of row `i`.
  public func row(_ i: Int) -> [Float] {
    withUnsafeElements { Array($0[i * columns..<(i + 1) * columns]) }
  }

  /// A copy of the rows in `range`.
  public func rows(_ range: Range<Int>) -> Matrix {
    var result = Matrix(rows: 0, columns: columns)
    result.copy(from: self, rows: range)
    return result
  }

  /// Replaces the rows by those of `other`, reusing the memory.
  public mutating func copy(from other: Matrix) { copy(from: other, rows: 0..<other.rows) }

  /// Replaces the rows by the ones in `range` of `other`, reusing the memory.
  public mutating func copy(from other: Matrix, rows range: Range<Int>) {
    precondition(columns == other.columns)
    precondition(range.lowerBound >= 0 && range.upperBound <= other.rows)
    resize(rows: range.count)
    let (source, count) = (Rows(other), range.count * columns)
    // By pointers: a slice is copied element by element in debug builds.
    withMutableRows { if count > 0 { $0[0].update(from: source[range.lowerBound], count: count) } }
  }

  /// Replaces the rows by rows `indices[i] - offset` of `other`, in the memory that is there.
  public mutating func gatherRows(_ indices: [Int], of other: Matrix, from offset: Int = 0) {
    precondition(columns == other.columns)
    precondition(indices.allSatisfy { offset <= $0 && $0 - offset < other.rows })
    resize(rows: indices.count)
    let (columns, source) = (columns, Rows(other))
    withMutableRows { target in
      for (i, index) in indices.enumerated() {
        target[i].update(from: source[index - offset], count: columns)
      }
    }
  }

  /// Changes the number of rows; new rows are zero. Shrinking keeps the memory, so a matrix that
  /// once held the largest minibatch never allocates again.
  public mutating func resize(rows newRows: Int) {
    let (old, new) = (count, newRows * columns)
    defer { rows = newRows }
    guard new > 0 else { return }
    if new > memory.capacity || !isKnownUniquelyReferenced(&memory) {
      memory = memory.copy(of: min(old, new), capacity: new)
    }
    if new > old { (memory.start + old).update(repeating: 0, count: new - old) }
  }

  @inlinable
  mutating func beUnique() {
    if count > 0, !isKnownUniquelyReferenced(&memory) {
      memory = memory.copy(of: count, capacity: count)
    }
  }
}

extension Matrix: Equatable {
  public static func == (a: Matrix, b: Matrix) -> Bool {
    a.rows == b.rows && a.columns == b.columns
      && a.withUnsafeElements { a in b.withUnsafeElements { a.elementsEqual($0) } }
  }
}

extension Matrix: ExpressibleByArrayLiteral {
  /// `[[1, 2], [3, 4]]`: rows of equal length.
  public init(arrayLiteral rows: [Float]...) {
    precondition(rows.allSatisfy { $0.count == rows[0].count }, "ragged rows")
    self.init(rows: rows.count, columns: rows.first?.count ?? 0, elements: rows.flatMap { $0 })
  }
}

/// The memory of a matrix. A matrix changes it only while it holds the only reference.
@usableFromInline
final class Memory: @unchecked Sendable {
  /// The memory of matrices without elements.
  static let none = Memory(capacity: 0)

  @usableFromInline let start: UnsafeMutablePointer<Float>
  /// The number of floats that fit.
  let capacity: Int
  /// The owner of the memory; nil where this object allocated it.
  private let owner: AnyObject?

  init(capacity: Int) {
    // Aligned to cache lines, so that the widest vectors do not straddle two.
    start = UnsafeMutableRawPointer.allocate(byteCount: max(1, capacity) * 4, alignment: 64)
      .bindMemory(to: Float.self, capacity: max(1, capacity))
    self.capacity = capacity
    owner = nil
  }

  init(at address: UnsafeMutablePointer<Float>, capacity: Int, keeping owner: AnyObject) {
    start = address
    self.capacity = capacity
    self.owner = owner
  }

  deinit { if owner == nil { start.deallocate() } }

  @usableFromInline
  func copy(of count: Int, capacity: Int) -> Memory {
    let copy = Memory(capacity: capacity)
    copy.start.initialize(from: start, count: count)
    return copy
  }
}
