import DenseMath
import Diagnostics

/// The rows of a contiguous range of documents, mapped from the dataset's files or held in memory.
/// Documents are indexed as in the whole dataset.
public final class Shard: @unchecked Sendable {
  /// The documents of this shard.
  public let range: Range<Int>
  /// d, the number of columns.
  public let features: Int
  public let isSparse: Bool

  /// `[range.count + 1]`: the entry in the whole dataset at which each document begins; empty where
  /// the shard is dense.
  let rowStarts: UnsafeBufferPointer<Int64>
  /// The entry in the whole dataset at which `indices` and `values` begin.
  let base: Int
  /// The columns of the entries; empty where the shard is dense.
  let indices: UnsafeBufferPointer<Int32>
  /// The values of the entries; of a dense shard all elements, `[range.count, features]` in row
  /// order.
  let values: UnsafeBufferPointer<Float>
  private let mapped: [MappedFile]
  private let owned: [UnsafeMutableRawPointer]

  /// The size of the rows in bytes, mapped or in memory.
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

  /// Copies `rows`, one for each document of `range`.
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

  /// The range of a document's entries in `indices` and `values`.
  @inline(__always)
  func entries(of document: Int) -> Range<Int> {
    let i = document - range.lowerBound
    return Int(rowStarts[i]) - base..<Int(rowStarts[i + 1]) - base
  }
}
