/// A dense matrix of Float, row-major, with value semantics.
///
/// Its memory is its own, or a place in memory that several processes share (`init(rows:columns:at:keeping:)`).
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

  /// Takes `elements`, row after row.
  public init(rows: Int, columns: Int, elements: [Float]) {
    precondition(elements.count == rows * columns, "\(elements.count) for \(rows) x \(columns)")
    self.rows = rows
    self.columns = columns
    memory = Memory(capacity: elements.count)
    elements.withUnsafeBufferPointer {
      if let first = $0.baseAddress { memory.start.initialize(from: first, count: $0.count) }
    }
  }

  /// The matrix that lies at `place`, which is written where this matrix, or an only copy of it, is changed.
  ///
  /// - Parameter owner: Keeps the place's memory.
  public init(
    rows: Int, columns: Int, at place: UnsafeMutablePointer<Float>, keeping owner: AnyObject
  ) {
    self.rows = rows
    self.columns = columns
    memory = Memory(at: place, capacity: rows * columns, keeping: owner)
  }

  /// Number of elements.
  @inlinable
  public var count: Int { rows * columns }

  /// A copy of the elements, row after row.
  public var elements: [Float] { withUnsafeElements { Array($0) } }

  @inlinable
  public subscript(row: Int, column: Int) -> Float {
    get { memory.start[place(row, column)] }
    set {
      let place = place(row, column)
      beUnique()
      memory.start[place] = newValue
    }
  }

  @inlinable
  func place(_ row: Int, _ column: Int) -> Int {
    precondition(row >= 0 && row < rows && column >= 0 && column < columns)
    return row * columns + column
  }

  /// Calls `body` with the elements, row after row.
  @inlinable
  public func withUnsafeElements<R>(_ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R
  {
    try withExtendedLifetime(memory) {
      try body(UnsafeBufferPointer(start: memory.start, count: count))
    }
  }

  /// Calls `body` with the elements, row after row, to be changed.
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

  /// Replaces the rows by those of `other`, in the memory that is there.
  public mutating func copy(from other: Matrix) { copy(from: other, rows: 0..<other.rows) }

  /// Replaces the rows by the ones in `range` of `other`, in the memory that is there.
  public mutating func copy(from other: Matrix, rows range: Range<Int>) {
    precondition(columns == other.columns)
    precondition(range.lowerBound >= 0 && range.upperBound <= other.rows)
    let elements = range.lowerBound * columns..<range.upperBound * columns
    resize(rows: range.count)
    withUnsafeMutableElements { target in
      other.withUnsafeElements { _ = target.update(from: $0[elements]) }
    }
  }

  /// Replaces the rows by rows `indices[i] - offset` of `other`, in the memory that is there.
  public mutating func gatherRows(_ indices: [Int], of other: Matrix, from offset: Int = 0) {
    precondition(columns == other.columns)
    precondition(indices.allSatisfy { offset <= $0 && $0 - offset < other.rows })
    resize(rows: indices.count)
    let columns = columns
    withUnsafeMutableElements { target in
      other.withUnsafeElements { source in
        for (i, index) in indices.enumerated() {
          for j in 0..<columns { target[i * columns + j] = source[(index - offset) * columns + j] }
        }
      }
    }
  }

  /// Changes the number of rows; rows beyond the old number are zero. Shrinking keeps the memory, so
  /// a buffer that once held the largest batch allocates no more.
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

/// A matrix's memory, changed only by a matrix that holds it alone.
@usableFromInline
final class Memory: @unchecked Sendable {
  /// Of matrices without elements.
  static let none = Memory(capacity: 0)

  @usableFromInline let start: UnsafeMutablePointer<Float>
  /// Floats.
  let capacity: Int
  /// Whose memory it is; nil where its own.
  private let owner: AnyObject?

  init(capacity: Int) {
    // Whole cache lines, which the widest vectors do not straddle.
    start = UnsafeMutableRawPointer.allocate(byteCount: max(1, capacity) * 4, alignment: 64)
      .bindMemory(to: Float.self, capacity: max(1, capacity))
    self.capacity = capacity
    owner = nil
  }

  init(at place: UnsafeMutablePointer<Float>, capacity: Int, keeping owner: AnyObject) {
    start = place
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
