import DenseMath
import Diagnostics

/// The rows of a contiguous range of documents: mapped from the dataset's files, or held in memory.
/// Documents are numbered as in the whole dataset.
public final class Shard: @unchecked Sendable {
  public let range: Range<Int>
  public let features: Int
  public let isSparse: Bool

  /// Where each document begins in `indices` and `values`, from the range's first; sparse only.
  let rowStarts: UnsafeBufferPointer<Int64>
  /// What `rowStarts` counts from.
  let base: Int
  let indices: UnsafeBufferPointer<Int32>
  /// The values of a sparse shard; all elements, row after row, of a dense one.
  let values: UnsafeBufferPointer<Float>
  private let mapped: [MappedFile]
  private let owned: [UnsafeMutableRawPointer]

  /// Bytes of the rows, wherever they are.
  public var bytes: Int {
    rowStarts.count * 8 + indices.count * 4 + values.count * 4
  }

  init(csr folder: DatasetFolder, _ range: Range<Int>) throws {
    self.range = range
    features = folder.info.features
    isSparse = true
    owned = []
    let starts = try NPYReader(folder.file("indptr.npy"))
      .map(range.lowerBound..<range.upperBound + 1)
    rowStarts = starts.bytes.bindMemory(to: Int64.self)
    let rows = try Self.checkedRows(folder, range, rowStarts)
    base = rows.lowerBound
    let columns = try NPYReader(folder.file("indices.npy")).map(rows)
    let data = try NPYReader(folder.file("data.npy")).map(rows)
    indices = columns.bytes.bindMemory(to: Int32.self)
    values = data.bytes.bindMemory(to: Float.self)
    mapped = [starts, columns, data]
    try checkIndices(folder)
    try checkValues(folder.file("data.npy"))
  }

  init(dense folder: DatasetFolder, _ range: Range<Int>) throws {
    self.range = range
    features = folder.info.features
    isSparse = false
    owned = []
    base = 0
    let elements = range.lowerBound * features..<range.upperBound * features
    let data = try NPYReader(folder.file("dense.npy")).map(elements)
    values = data.bytes.bindMemory(to: Float.self)
    rowStarts = UnsafeBufferPointer(start: nil, count: 0)
    indices = UnsafeBufferPointer(start: nil, count: 0)
    mapped = [data]
    try checkValues(folder.file("dense.npy"))
  }

  /// A copy of `rows`, the documents of `range`.
  public init(memory rows: InputRows, range: Range<Int>) {
    precondition(rows.rows == range.count, "\(rows.rows) rows for \(range)")
    self.range = range
    features = rows.columns
    isSparse = rows.isSparse
    base = 0
    mapped = []
    func copy<T: BitwiseCopyable>(_ array: some Collection<T>) -> UnsafeBufferPointer<T> {
      let memory = UnsafeMutableBufferPointer<T>.allocate(capacity: max(1, array.count))
      _ = memory.initialize(from: array)
      return UnsafeBufferPointer(rebasing: memory[..<array.count])
    }
    rowStarts = copy(isSparse ? rows.sparse.rowStarts.map(Int64.init) : [])
    indices = copy(isSparse ? rows.sparse.indices : [])
    values =
      isSparse ? copy(rows.sparse.values) : rows.dense.withUnsafeElements { copy($0) }
    owned = [
      UnsafeMutableRawPointer(mutating: rowStarts.baseAddress!),
      UnsafeMutableRawPointer(mutating: indices.baseAddress!),
      UnsafeMutableRawPointer(mutating: values.baseAddress!),
    ]
  }

  deinit { for memory in owned { memory.deallocate() } }

  /// Where a document's entries are in `indices` and `values`.
  @inline(__always)
  func entries(of document: Int) -> Range<Int> {
    let i = document - range.lowerBound
    return Int(rowStarts[i]) - base..<Int(rowStarts[i + 1]) - base
  }
}
