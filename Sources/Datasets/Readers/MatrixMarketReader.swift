import Diagnostics

/// Reads Matrix Market files: coordinate (sparse) and array (dense); real, integer and pattern;
/// general, symmetric and skew-symmetric. Rows are documents. Entries may be in any order; entries
/// at the same position are added.
public struct MatrixMarketReader {
  package var progress = ReadingProgress()

  public init() {}

  private static let hint = "see math.nist.gov/MatrixMarket for the format"

  struct Banner {
    var isCoordinate: Bool
    var isPattern: Bool
    /// The factor of an entry at its mirrored position; 0 if the matrix is general.
    var mirror: Float
  }

  /// Reads `files` in order, as one corpus.
  ///
  /// - Throws: `Failure.badInput` with file and line.
  public func read(_ files: [String], _ scratch: Scratch) throws -> NumericCorpus {
    var dense = JoinedRows()
    var sparse: SparseStore?
    for path in files {
      let lines = try LineReader(path: path, progress: progress)
      let banner = try Self.banner(lines, path)
      if banner.isCoordinate {
        let store = try sparse ?? SparseStore(scratch)
        sparse = store
        try Self.readCoordinates(lines, path, banner, scratch, store)
      } else {
        try dense.append(Self.readArray(lines, path, banner, scratch), path: path)
      }
      guard sparse == nil || dense.count == 0 else {
        throw Failure.badInput(path, "is dense or sparse unlike the file before it")
      }
    }
    let corpus = NumericCorpus(sparse.map { .sparse($0) } ?? .dense(dense))
    guard corpus.corpus.count > 0 else {
      throw Failure.badInput(files.joined(separator: " "), "holds no documents")
    }
    return corpus
  }

  private static func banner(_ lines: LineReader, _ path: String) throws -> Banner {
    func bad(_ found: String, hint: String) -> Failure {
      .badInput(path, at: "line 1", found, hint: hint)
    }
    let line = try lines.next() ?? UnsafeRawBufferPointer(start: nil, count: 0)
    var fields = Fields(line)
    var words: [String] = []
    while words.count < 6, let field = fields.next() {
      words.append(String(decoding: field.prefix(30), as: UTF8.self).lowercased())
    }
    guard words.count == 5, words[0] == "%%matrixmarket", words[1] == "matrix",
      words[2] == "coordinate" || words[2] == "array"
    else {
      throw bad(
        "\(NumberText.excerpt(line)) does not begin a Matrix Market file",
        hint: "it is %%MatrixMarket matrix coordinate real general, or the like")
    }
    let isCoordinate = words[2] == "coordinate"
    guard ["real", "double", "integer"].contains(words[3]) || words[3] == "pattern" && isCoordinate
    else { throw bad("the elements are of an unknown kind", hint: "real, integer or pattern") }
    guard let mirror = ["general": 0, "symmetric": 1, "skew-symmetric": -1 as Float][words[4]]
    else {
      throw bad("the symmetry is unknown", hint: "general, symmetric or skew-symmetric")
    }
    return Banner(isCoordinate: isCoordinate, isPattern: words[3] == "pattern", mirror: mirror)
  }

  /// Returns the next line that is neither a comment nor blank.
  private static func content(_ lines: LineReader) throws -> UnsafeRawBufferPointer? {
    while let line = try lines.next() {
      var fields = Fields(line)
      if line.first != 0x25, fields.next() != nil { return line }
    }
    return nil
  }

  /// Parses the size line: `count` integers.
  private static func sizes(
    _ lines: LineReader, _ path: String, _ banner: Banner, count: Int
  ) throws -> [Int] {
    var sizes: [Int] = []
    let line = try content(lines)
    var fields = Fields(line ?? UnsafeRawBufferPointer(start: nil, count: 0))
    while let field = fields.next(), sizes.count <= count {
      sizes.append(NumberText.integer(field) ?? -1)
    }
    let most = Int(Int32.max) - 1
    guard line != nil, sizes.count == count, sizes.allSatisfy({ $0 >= 0 }), sizes[0] <= most,
      sizes[1] <= most, sizes[count - 1] < 1 << 47
    else {
      throw Failure.badInput(
        path, at: "line \(lines.line)",
        "is no size line of \(count == 3 ? "rows, columns and entries" : "rows and columns")",
        hint: hint)
    }
    guard banner.mirror == 0 || sizes[0] == sizes[1] else {
      throw Failure.badInput(
        path, at: "line \(lines.line)", "a symmetric matrix of \(sizes[0]) x \(sizes[1])")
    }
    guard sizes[1] > 0 else { throw Failure.badInput(path, "has no columns") }
    return sizes
  }

  private static func readCoordinates(
    _ lines: LineReader, _ path: String, _ banner: Banner, _ scratch: Scratch, _ store: SparseStore
  ) throws {
    let size = try sizes(lines, path, banner, count: 3)
    let (n, d, count) = (size[0], size[1], size[2])
    guard store.features == 0 || store.features == d else {
      throw Failure.badInput(
        path, at: "line \(lines.line)", "has \(d) columns after a file of \(store.features)",
        hint: "all files of a corpus have the same features")
    }
    store.features = d
    let entries = try SpilledArray<Entry>(scratch)
    for found in 0..<count {
      guard let line = try content(lines) else {
        throw Failure.badInput(
          path, at: "line \(lines.line)", "the file ends after \(found) of \(count) entries",
          hint: "the file is cut short, or its size line is wrong")
      }
      let entry = try entry(line, lines, path, banner, n, d)
      try entries.append(entry)
      if banner.mirror != 0, entry.row != entry.column {
        try entries.append(
          Entry(row: entry.column, column: entry.row, value: banner.mirror * entry.value))
      }
    }
    try checkEnd(lines, path, count)
    // A wrong size line must not exhaust the memory.
    guard n <= 1 << 20 || n / 1000 <= count else {
      throw Failure.badInput(
        path, "has \(n) rows and only \(count) entries", hint: "is its size line right?")
    }
    try withExtendedLifetime(entries) {
      try addRows(entries.elements(), n, path, scratch, store)
    }
  }

  private struct Entry {
    var row: Int32
    var column: Int32
    var value: Float
  }

  private static func entry(
    _ line: UnsafeRawBufferPointer, _ lines: LineReader, _ path: String, _ banner: Banner, _ n: Int,
    _ d: Int
  ) throws -> Entry {
    func bad(_ found: String) -> Failure {
      .badInput(path, at: "line \(lines.line)", found, hint: hint)
    }
    var fields = Fields(line)
    guard let first = fields.next(), let second = fields.next(),
      let row = NumberText.integer(first), let column = NumberText.integer(second)
    else { throw bad("\(NumberText.excerpt(line)) is no entry") }
    guard (1...max(1, n)).contains(row), (1...d).contains(column), n > 0 else {
      throw bad("entry (\(row), \(column)) is outside of \(n) x \(d)")
    }
    var value: Double? = 1
    if !banner.isPattern { value = fields.next().flatMap(NumberText.real) }
    guard let value, fields.next() == nil else {
      throw bad("\(NumberText.excerpt(line)) is no entry")
    }
    guard Float(value).isFinite else {
      throw bad("\(NumberText.excerpt(line)) is NaN, infinite or beyond float32")
    }
    return Entry(row: Int32(row - 1), column: Int32(column - 1), value: Float(value))
  }

  private static func checkEnd(_ lines: LineReader, _ path: String, _ count: Int) throws {
    guard try content(lines) != nil else { return }
    throw Failure.badInput(
      path, at: "line \(lines.line)", "goes on after \(count) entries",
      hint: "its size line is wrong")
  }

  /// Sorts the entries by row, and appends the rows to the store.
  private static func addRows(
    _ entries: UnsafeBufferPointer<Entry>, _ n: Int, _ path: String, _ scratch: Scratch,
    _ store: SparseStore
  ) throws {
    var starts = [Int](repeating: 0, count: n + 1)
    for entry in entries { starts[Int(entry.row) + 1] += 1 }
    for i in 0..<n { starts[i + 1] += starts[i] }
    var next = starts
    let sorted = try SpilledBlock<Entry>(scratch, count: entries.count)
    for entry in entries {
      sorted.elements[next[Int(entry.row)]] = entry
      next[Int(entry.row)] += 1
    }
    var row = SparseRow()
    for i in 0..<n {
      row.removeAll()
      for entry in sorted.elements[starts[i]..<starts[i + 1]] {
        row.append(entry.column, entry.value)
      }
      try store.append(&row, path, at: "row \(i + 1)")
    }
  }

  /// Reads the values of an array in column order; of a symmetric matrix only the lower triangle.
  private static func readArray(
    _ lines: LineReader, _ path: String, _ banner: Banner, _ scratch: Scratch
  ) throws -> any DenseRows {
    let size = try sizes(lines, path, banner, count: 2)
    let (n, d) = (size[0], size[1])
    let values = try SpilledArray<Float>(scratch)
    let count =
      banner.mirror == 0 ? n * d : banner.mirror > 0 ? n * (n + 1) / 2 : n * (n - 1) / 2
    for found in 0..<count {
      guard let line = try content(lines) else {
        throw Failure.badInput(
          path, at: "line \(lines.line)", "the file ends after \(found) of \(count) values",
          hint: "the file is cut short, or its size line is wrong")
      }
      var fields = Fields(line)
      guard let field = fields.next(), let value = NumberText.real(field), fields.next() == nil,
        Float(value).isFinite
      else {
        throw Failure.badInput(
          path, at: "line \(lines.line)", "\(NumberText.excerpt(line)) is no finite float32")
      }
      try values.append(Float(value))
    }
    try checkEnd(lines, path, count)
    let elements = try values.elements()
    defer { withExtendedLifetime(values) {} }
    guard banner.mirror != 0 else {
      return try Transposition.rows(path, n, d, scratch) { column, rows, target in
        _ = target.update(
          from: elements[column * n + rows.lowerBound..<column * n + rows.upperBound])
      }
    }
    let isSkew = banner.mirror < 0
    let (shift, mirror) = (isSkew ? 1 : 0, banner.mirror)
    return try Transposition.rows(path, n, d, scratch) { column, rows, target in
      // In the triangle, column c follows c columns of n - shift, n - shift - 1, ... values.
      func at(_ row: Int, _ column: Int) -> Float {
        elements[column * (n - shift) - column * (column - 1) / 2 + row - column - shift]
      }
      for (i, row) in rows.enumerated() {
        target[i] =
          row == column && isSkew ? 0 : row >= column ? at(row, column) : mirror * at(column, row)
      }
    }
  }
}
