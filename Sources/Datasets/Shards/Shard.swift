import DenseMath
import Diagnostics

/// The rows of a contiguous range of documents, mapped from the dataset's files or held in memory.
/// Documents are indexed as in the whole dataset, or as in the `Subset` that they belong to.
public final class Shard: @unchecked Sendable {
  /// The documents of this shard.
  public let range: Range<Int>
  /// d, the number of columns.
  public let features: Int
  public let isSparse: Bool
  /// The shape of the pictures whose pixels are the rows; nil where the rows are no pictures.
  public let picture: PictureShape?

  /// The entry in the whole dataset at which each document begins; one more than there are
  /// documents where these follow each other. Of chosen documents of a dense shard, the element in
  /// `values`; empty where the shard is dense and its documents follow each other.
  let rowStarts: UnsafeBufferPointer<Int64>
  /// The entry in the whole dataset at which each document ends; empty where the shard is dense.
  let rowEnds: UnsafeBufferPointer<Int64>
  /// The entry in the whole dataset at which `indices` and `values` begin.
  let base: Int
  /// The columns of the entries; empty where the shard is dense.
  let indices: UnsafeBufferPointer<Int32>
  /// The values of the entries; of a dense shard all elements, `[range.count, features]` in row
  /// order.
  let values: UnsafeBufferPointer<Float>
  private let mapped: [MappedFile]
  private let owned: [UnsafeMutableRawPointer]
  /// Whose `indices` and `values` these are; nil where they are this shard's.
  private let parent: Shard?

  /// Whether the documents follow each other in memory.
  var isContiguous: Bool { parent == nil }

  /// The size of the rows in bytes, mapped or in memory; of chosen documents, with the rows between
  /// them.
  public var bytes: Int {
    rowStarts.count * 8 + indices.count * 4 + values.count * 4
  }

  /// The entries of a sparse shard, the elements of a dense one; of chosen documents, with those
  /// between them.
  public var entryCount: Int { values.count }

  init(csr folder: DatasetFolder, _ range: Range<Int>) throws {
    self.range = range
    features = folder.info.features
    isSparse = true
    picture = nil
    owned = []
    parent = nil
    let starts = try NPYReader(folder.file("indptr.npy"))
      .map(range.lowerBound..<range.upperBound + 1)
    rowStarts = starts.bytes.bindMemory(to: Int64.self)
    rowEnds = UnsafeBufferPointer(rebasing: rowStarts.dropFirst())
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
    picture = folder.info.picture
    owned = []
    parent = nil
    base = 0
    let elements = range.lowerBound * features..<range.upperBound * features
    let data = try NPYReader(folder.file("dense.npy")).map(elements)
    values = data.bytes.bindMemory(to: Float.self)
    rowStarts = UnsafeBufferPointer(start: nil, count: 0)
    rowEnds = rowStarts
    indices = UnsafeBufferPointer(start: nil, count: 0)
    mapped = [data]
    try checkValues(folder.file("dense.npy"))
  }

  /// Copies `rows`, one for each document of `range`.
  ///
  /// - Parameter picture: The shape of the pictures that dense rows are the pixels of, if they are.
  public init(memory rows: InputRows, range: Range<Int>, picture: PictureShape? = nil) {
    precondition(rows.rows == range.count, "\(rows.rows) rows for \(range)")
    precondition(
      picture.map { !rows.isSparse && $0.count == rows.columns } ?? true,
      "rows of \(rows.columns) columns for other pictures")
    self.picture = picture
    self.range = range
    features = rows.columns
    isSparse = rows.isSparse
    base = 0
    mapped = []
    parent = nil
    rowStarts = Self.copy(isSparse ? rows.sparse.rowStarts.map(Int64.init) : [])
    rowEnds = UnsafeBufferPointer(rebasing: rowStarts.dropFirst())
    indices = Self.copy(isSparse ? rows.sparse.indices : [])
    values =
      isSparse ? Self.copy(rows.sparse.values) : rows.dense.withUnsafeElements { Self.copy($0) }
    owned = [
      UnsafeMutableRawPointer(mutating: rowStarts.baseAddress!),
      UnsafeMutableRawPointer(mutating: indices.baseAddress!),
      UnsafeMutableRawPointer(mutating: values.baseAddress!),
    ]
  }

  /// The given documents of `parent`, whose rows stay where they are, numbered as in `range`.
  init(_ parent: Shard, documents: ArraySlice<Int>, range: Range<Int>) {
    precondition(documents.count == range.count, "\(documents.count) documents for \(range)")
    precondition(documents.allSatisfy(parent.range.contains), "documents of another shard")
    self.range = range
    self.parent = parent
    features = parent.features
    isSparse = parent.isSparse
    picture = parent.picture
    base = 0
    mapped = []
    (indices, values) = (parent.indices, parent.values)
    rowStarts = Self.copy(documents.map { Int64(parent.start(of: $0)) })
    rowEnds = Self.copy(isSparse ? documents.map { Int64(parent.entries(of: $0).upperBound) } : [])
    owned = [
      UnsafeMutableRawPointer(mutating: rowStarts.baseAddress!),
      UnsafeMutableRawPointer(mutating: rowEnds.baseAddress!),
    ]
  }

  /// A copy in memory of its own, which has an address even where it is empty.
  private static func copy<T: BitwiseCopyable>(
    _ array: some Collection<T>
  ) -> UnsafeBufferPointer<T> {
    let memory = UnsafeMutableBufferPointer<T>.allocate(capacity: max(1, array.count))
    _ = memory.initialize(from: array)
    return UnsafeBufferPointer(rebasing: memory[..<array.count])
  }

  deinit { for memory in owned { memory.deallocate() } }

  /// The range of a document's entries in `indices` and `values`.
  @inline(__always)
  func entries(of document: Int) -> Range<Int> {
    let i = document - range.lowerBound
    return Int(rowStarts[i]) - base..<Int(rowEnds[i]) - base
  }

  /// Where a document begins in `values`.
  @inline(__always)
  func start(of document: Int) -> Int {
    let i = document - range.lowerBound
    return rowStarts.isEmpty ? i * features : Int(rowStarts[i]) - base
  }
}
