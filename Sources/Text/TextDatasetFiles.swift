import Datasets
import Glibc

/// The files of a text dataset, written by many ranks at once: each puts its buckets in order and writes
/// them where they belong.
package struct TextDatasetFiles {
  private let folder: String
  private let plan: BucketPlan
  private let hasLabels: Bool
  private let vocabulary: [VocabularyEntry]
  private let tallies: [BucketTally]

  /// - Parameter tallies: `DocumentSpill.shuffle`'s, summed over all ranks.
  package init(
    folder: String, _ plan: BucketPlan, tallies: [Int64], vocabulary: [VocabularyEntry],
    hasLabels: Bool
  ) {
    self.folder = folder
    self.plan = plan
    self.hasLabels = hasLabels
    self.vocabulary = vocabulary
    self.tallies = BucketTally.unpack(tallies)
  }

  package var nonzeros: Int { Int(tallies.reduce(0) { $0 + $1.nonzeros }) }
  package var emptySamples: Int { Int(tallies.reduce(0) { $0 + $1.empty }) }

  private var arrays: [(name: String, shape: [Int], type: NPY.ElementType)] {
    [
      ("indptr.npy", [plan.samples + 1], .int64), ("indices.npy", [nonzeros], .int32),
      ("data.npy", [nonzeros], .float32),
    ]
      + (hasLabels ? [("labels.npy", [plan.samples], .int32)] : [])
  }

  /// Names of all files, sorted.
  package var names: [String] { (arrays.map(\.name) + ["ids.txt", "vocabulary.tsv"]).sorted() }

  /// Makes the files at their lengths. Rank 0, before any writes into them.
  package func create() throws {
    for array in arrays {
      try NPYWriter.create(path: "\(folder)/\(array.name)", shape: array.shape, type: array.type)
    }
    try NPYWriter(
      "\(folder)/indptr.npy", shape: [plan.samples + 1], type: .int64
    ).write([0 as Int64], atRow: 0)
    try File.write([], to: "\(folder)/ids.txt")
    let lines = vocabulary.map { "\($0.term)\t\($0.documentFrequency)\t\($0.idf)\n" }
    try File.write(Array(lines.joined().utf8), to: "\(folder)/vocabulary.tsv")
  }

  /// Writes this part's buckets from the shuffled files of all ranks.
  package func write(part: Int, of parts: Int, shuffled: [String]) throws {
    let mine = (plan.buckets * part / parts)..<(plan.buckets * (part + 1) / parts)
    guard !mine.isEmpty else { return }
    let before = tallies[..<mine.lowerBound]
    let firstRow = plan.range(mine.lowerBound).lowerBound
    let firstEntry = Int(before.reduce(0) { $0 + $1.nonzeros })
    func rows(_ i: Int, from row: Int) throws -> BufferedWriter {
      try NPYWriter("\(folder)/\(arrays[i].name)", shape: arrays[i].shape, type: arrays[i].type)
        .rows(from: row)
    }
    let indptr = try rows(0, from: firstRow + 1)
    let indices = try rows(1, from: firstEntry)
    let data = try rows(2, from: firstEntry)
    let labels = hasLabels ? try rows(3, from: firstRow) : nil
    let ids = BufferedWriter(
      try File(updating: "\(folder)/ids.txt"), at: Int(before.reduce(0) { $0 + $1.idBytes }))
    let weights = TermWeights(vocabulary.map(\.idf))
    defer { weights.deallocate() }
    var entries = Int64(firstEntry)
    let readers = try shuffled.map { try DocumentShuffle.Reader($0) }

    for bucket in mine {
      try Self.forEachRecord(of: bucket, readers, rows: plan.range(bucket).count) { record in
        var next = record
        let idLength = Int(next.varint())
        try ids.append(next.bytes(idLength))
        try ids.append(0x0a)
        let label = Int32(next.varint()) - 1
        if let labels { try withUnsafeBytes(of: label) { try labels.append($0) } }
        let count = weights.read(&next)
        try indices.append(UnsafeRawBufferPointer(start: weights.indices, count: count * 4))
        try data.append(UnsafeRawBufferPointer(start: weights.values, count: count * 4))
        entries += Int64(count)
        try withUnsafeBytes(of: entries) { try indptr.append($0) }
      }
    }
    for writer in [indptr, indices, data, ids] { try writer.flush() }
    try labels?.flush()
  }

  /// Calls `body` with each record of a bucket, behind its row, in the order of the rows.
  private static func forEachRecord(
    of bucket: Int, _ readers: [DocumentShuffle.Reader], rows: Int,
    _ body: (UnsafePointer<UInt8>) throws -> Void
  ) throws {
    let sizes = readers.map { $0.bytes(of: bucket) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(1, sizes.reduce(0, +)), alignment: 16)
    defer { buffer.deallocate() }
    var done = 0
    for (reader, size) in zip(readers, sizes) {
      try reader.read(bucket, into: .init(rebasing: buffer[done..<done + size]))
      done += size
    }
    var records = [UnsafePointer<UInt8>?](repeating: nil, count: rows)
    var next = UnsafePointer(buffer.baseAddress!.assumingMemoryBound(to: UInt8.self))
    let end = next + done
    while next < end {
      records[Int(next.varint())] = next
      let idLength = Int(next.varint())
      next += idLength
      _ = next.varint()
      for _ in 0..<Int(next.varint()) where next.varint() & 1 == 1 { _ = next.varint() }
    }
    for record in records { try body(record!) }
  }
}

/// Counts to weights, as `TfIdf` documents them.
struct TermWeights {
  private let idf: [Double]
  private let tf: [Double]
  private let weights: UnsafeMutablePointer<Double>
  let indices: UnsafeMutablePointer<Int32>
  let values: UnsafeMutablePointer<Float>

  init(_ idf: [Double]) {
    self.idf = idf
    tf = [0] + (1..<256).map { 1 + log(Double($0)) }
    weights = .allocate(capacity: idf.count)
    indices = .allocate(capacity: idf.count)
    values = .allocate(capacity: idf.count)
  }

  func deallocate() {
    weights.deallocate()
    indices.deallocate()
    values.deallocate()
  }

  /// Reads the features of a record into `indices` and `values`.
  /// - Returns: How many there are.
  func read(_ next: inout UnsafePointer<UInt8>) -> Int {
    let count = Int(next.varint())
    var feature = 0
    var square = 0.0
    for i in 0..<count {
      let code = next.varint()
      feature += Int(code >> 1)
      var weight = idf[feature]
      if code & 1 == 1 {
        let occurrences = Int(next.varint())
        weight *= occurrences < 256 ? tf[occurrences] : 1 + log(Double(occurrences))
      }
      square += weight * weight
      indices[i] = Int32(feature)
      weights[i] = weight
    }
    let scale = (Double(idf.count) / square).squareRoot()
    for i in 0..<count { values[i] = Float(weights[i] * scale) }
    return count
  }
}
