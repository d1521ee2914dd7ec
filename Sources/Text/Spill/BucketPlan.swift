import Datasets

/// The division of a shuffled dataset's documents into buckets, the ranges of rows that a rank
/// sorts in memory, one at a time.
struct BucketPlan {
  /// The number of documents of the dataset.
  let samples: Int
  let buckets: Int
  /// The number of documents in a bucket; the last ones may have fewer.
  let rows: Int

  /// - Parameter bytes: The size of the records of all ranks; a bucket has about 32 MiB of them.
  init(samples: Int, bytes: Int, ranks: Int) {
    self.samples = samples
    let wanted = max(bytes >> 25, ranks)
    rows = max(1, (samples + wanted - 1) / wanted)
    buckets = (samples + rows - 1) / rows
  }

  func range(_ bucket: Int) -> Range<Int> { bucket * rows..<min(samples, (bucket + 1) * rows) }

  /// Writes the buckets of this part from the shuffled files of all ranks.
  func write(
    part: Int, of parts: Int, shuffled: [String], _ agreement: CorpusAgreement,
    to files: TextDatasetFiles
  ) throws {
    let mine = (buckets * part / parts)..<(buckets * (part + 1) / parts)
    guard !mine.isEmpty else { return }
    var rows = try files.rows(fromStretch: mine.lowerBound)
    var weights = agreement.termWeights()
    defer { weights.deallocate() }
    let readers = try shuffled.map { try DocumentShuffle.Reader($0) }
    for bucket in mine {
      var row = range(bucket).lowerBound
      try Self.forEachRecord(of: bucket, readers, rows: range(bucket).count) { record in
        var next = record
        let idLength = Int(next.varint())
        let id = next.bytes(idLength)
        let label = Int32(next.varint()) - 1
        let openingLength = Int(next.varint())
        let opening = next.bytes(openingLength)
        var feature = 0
        for _ in 0..<Int(next.varint()) {
          let code = next.varint()
          feature += Int(code >> 1)
          weights.add(feature, occurrences: code & 1 == 1 ? Int(next.varint()) : 1)
        }
        try rows.append(
          SpilledDocument(row: row, id: id, label: label, opening: opening), &weights)
        row += 1
      }
    }
    try rows.flush()
  }

  /// Calls `body` with each record of a bucket in the order of the rows, positioned after the
  /// record's row.
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
      let openingLength = Int(next.varint())
      next += openingLength
      for _ in 0..<Int(next.varint()) where next.varint() & 1 == 1 { _ = next.varint() }
    }
    for record in records { try body(record!) }
  }
}
