import Datasets

/// The size of a stretch of consecutive rows: a bucket, or the rows of one rank in the order of the
/// input.
struct Tally {
  static let fields = 5
  var samples: Int64 = 0
  var nonzeros: Int64 = 0
  var idBytes: Int64 = 0
  var openingBytes: Int64 = 0
  var empty: Int64 = 0

  @inline(__always)
  mutating func add(_ document: SpilledDocument, entries: Int) {
    samples += 1
    idBytes += Int64(document.id.count) + 1
    openingBytes += Int64(document.opening.count) + 1
    nonzeros += Int64(entries)
    if entries == 0 { empty += 1 }
  }

  /// As one message, to be summed over all ranks.
  static func pack(_ tallies: [Tally]) -> [Int64] {
    tallies.flatMap { [$0.samples, $0.nonzeros, $0.idBytes, $0.openingBytes, $0.empty] }
  }

  static func unpack(_ values: [Int64]) -> [Tally] {
    stride(from: 0, to: values.count, by: fields).map {
      Tally(
        samples: values[$0], nonzeros: values[$0 + 1], idBytes: values[$0 + 2],
        openingBytes: values[$0 + 3], empty: values[$0 + 4])
    }
  }
}

/// The files of a text dataset, written by all ranks at once: each writes stretches of rows at
/// their offsets.
struct TextDatasetFiles {
  private let folder: String
  private let hasLabels: Bool
  private let hasOpenings: Bool
  private let vocabulary: [VocabularyEntry]
  private let words: [String]?
  private let tallies: [Tally]

  /// - Parameters:
  ///   - tallies: `Tally.pack` of all stretches, summed over all ranks.
  ///   - words: The commonest form of each term; nil where terms are words.
  init(
    folder: String, tallies: [Int64], vocabulary: [VocabularyEntry], words: [String]?,
    hasLabels: Bool, hasOpenings: Bool
  ) {
    self.words = words
    self.hasOpenings = hasOpenings
    self.folder = folder
    self.hasLabels = hasLabels
    self.vocabulary = vocabulary
    self.tallies = Tally.unpack(tallies)
  }

  var samples: Int { Int(tallies.reduce(0) { $0 + $1.samples }) }
  var nonzeros: Int { Int(tallies.reduce(0) { $0 + $1.nonzeros }) }
  var emptySamples: Int { Int(tallies.reduce(0) { $0 + $1.empty }) }

  private var arrays: [(name: String, shape: [Int], type: NPY.ElementType)] {
    [
      ("indptr.npy", [samples + 1], .int64), ("indices.npy", [nonzeros], .int32),
      ("data.npy", [nonzeros], .float32),
    ]
      + (hasLabels ? [("labels.npy", [samples], .int32)] : [])
      + (hasOpenings ? [(DatasetFolder.openingOffsets, [samples + 1], .int64)] : [])
  }

  /// The names of all files, sorted.
  var names: [String] {
    (arrays.map(\.name) + ["ids.txt", "vocabulary.tsv"]
      + (hasOpenings ? [DatasetFolder.openings] : [])
      + (words == nil ? [] : [DatasetFolder.words])).sorted()
  }

  /// Creates the files at their final lengths. Only rank 0 calls this, before any rank writes into
  /// them.
  func create() throws {
    for array in arrays {
      try NPYWriter.create(path: "\(folder)/\(array.name)", shape: array.shape, type: array.type)
    }
    for array in arrays where array.type == .int64 {  // Offsets begin with a 0.
      try NPYWriter("\(folder)/\(array.name)", shape: array.shape, type: array.type)
        .write([0 as Int64], atRow: 0)
    }
    try File.write([], to: "\(folder)/ids.txt")
    let lines = vocabulary.map { "\($0.term)\t\($0.documentFrequency)\t\($0.idf)\n" }
    try File.write(Array(lines.joined().utf8), to: "\(folder)/vocabulary.tsv")
    if hasOpenings { try File.write([], to: "\(folder)/\(DatasetFolder.openings)") }
    if let words {
      let lines = words.map { "\($0)\n" }.joined()
      try File.write(Array(lines.utf8), to: "\(folder)/\(DatasetFolder.words)")
    }
  }

  /// Returns a writer positioned at the first row of stretch `i`.
  func rows(fromStretch i: Int) throws -> Rows {
    let before = tallies[..<i].reduce(into: Tally()) {
      $0.samples += $1.samples
      $0.nonzeros += $1.nonzeros
      $0.idBytes += $1.idBytes
      $0.openingBytes += $1.openingBytes
    }
    let (row, entry) = (Int(before.samples), Int(before.nonzeros))
    func array(_ i: Int, from row: Int) throws -> BufferedWriter {
      try NPYWriter("\(folder)/\(arrays[i].name)", shape: arrays[i].shape, type: arrays[i].type)
        .rows(from: row)
    }
    return Rows(
      indptr: try array(0, from: row + 1), indices: try array(1, from: entry),
      data: try array(2, from: entry), labels: hasLabels ? try array(3, from: row) : nil,
      ids: BufferedWriter(try File(updating: "\(folder)/ids.txt"), at: Int(before.idBytes)),
      openings: try openings(fromRow: row, byte: Int(before.openingBytes)),
      entries: before.nonzeros)
  }

  private func openings(fromRow row: Int, byte: Int) throws -> Rows.Openings? {
    guard hasOpenings, let offsets = arrays.last else { return nil }
    return Rows.Openings(
      lines: BufferedWriter(
        try File(updating: "\(folder)/\(DatasetFolder.openings)"), at: byte),
      offsets: try NPYWriter("\(folder)/\(offsets.name)", shape: offsets.shape, type: .int64)
        .rows(from: row + 1))
  }

  /// Writes consecutive rows into all files. Call `flush` at the end.
  struct Rows {
    fileprivate let indptr: BufferedWriter
    fileprivate let indices: BufferedWriter
    fileprivate let data: BufferedWriter
    fileprivate let labels: BufferedWriter?
    fileprivate let ids: BufferedWriter
    fileprivate let openings: Openings?
    /// The number of entries of all rows before the next.
    fileprivate var entries: Int64

    /// The file of openings, and that of where each begins.
    fileprivate struct Openings {
      let lines: BufferedWriter
      let offsets: BufferedWriter

      func append(_ opening: UnsafeRawBufferPointer) throws {
        try lines.append(opening)
        try lines.append(0x0a)
        try withUnsafeBytes(of: Int64(lines.offset)) { try offsets.append($0) }
      }
    }

    /// Writes the row that `weights` holds, and empties `weights`.
    mutating func append(_ document: SpilledDocument, _ weights: inout TermWeights) throws {
      try ids.append(document.id)
      try ids.append(0x0a)
      if let labels { try withUnsafeBytes(of: document.label) { try labels.append($0) } }
      try openings?.append(document.opening)
      let row = weights.finish()
      try indices.append(UnsafeRawBufferPointer(row.indices))
      try data.append(UnsafeRawBufferPointer(row.values))
      entries += Int64(row.indices.count)
      try withUnsafeBytes(of: entries) { try indptr.append($0) }
    }

    func flush() throws {
      for writer in [indptr, indices, data, ids] { try writer.flush() }
      try labels?.flush()
      try openings?.lines.flush()
      try openings?.offsets.flush()
    }
  }
}
