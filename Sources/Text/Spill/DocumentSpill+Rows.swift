import Datasets

/// What the ranks agreed on after the first pass, for the second pass over this rank's documents.
struct CorpusAgreement {
  /// The settings, with what of them only the whole corpus tells.
  var settings: TextSettings
  /// The number of documents of the corpus before those of this rank.
  var firstDocument = 0
  /// The number of documents of all ranks, before `--limit`.
  var documents = 0
  /// Row in the dataset of each of this rank's documents; `UInt32.max` for one it leaves out.
  var rows: [UInt32] = []
  /// Feature of each of this rank's terms; -1 for none.
  var features: [Int32] = []
  var vocabulary: [VocabularyEntry] = []
  /// The label of each of this rank's class names; nil where the corpus has numeric labels.
  var classNumbers: [Int32]?
  /// Labels from `--labels` for this rank's documents, in place of their own; nil without.
  var labels: ArraySlice<Int32>?

  init(_ settings: TextSettings) { self.settings = settings }

  /// What turns a document's counts into its row; to be deallocated.
  func termWeights() -> TermWeights { TermWeights(settings, idf: vocabulary.map(\.idf)) }
}

/// A document of a spill without its features: valid during a call.
struct SpilledDocument {
  /// Row in the dataset.
  var row: Int
  var id: UnsafeRawBufferPointer
  var label: Int32
  /// The first characters of the text, on one line.
  var opening: UnsafeRawBufferPointer
}

extension DocumentSpill {
  /// Counts what this rank's documents put into the dataset's files.
  func tally(_ agreement: CorpusAgreement) throws -> Tally {
    var tally = Tally()
    try forEachDocument(agreement) { tally.add($0, entries: $1.count) }
    return tally
  }

  /// Writes this rank's documents into stretch `stretch` of the dataset's files, in the order of
  /// the input.
  func write(_ agreement: CorpusAgreement, stretch: Int, to files: TextDatasetFiles) throws {
    var rows = try files.rows(fromStretch: stretch)
    var weights = agreement.termWeights()
    defer { weights.deallocate() }
    try forEachDocument(agreement) { document, entries in
      entries.drain { weights.add($0, occurrences: Int($1)) }
      try rows.append(document, &weights)
    }
    try rows.flush()
  }

  /// Sorts this rank's documents into buckets of rows, each a record of `DocumentShuffle`.
  ///
  /// - Returns: The tally of each bucket.
  func shuffle(
    _ agreement: CorpusAgreement, _ plan: BucketPlan, to path: String
  ) throws -> [Tally] {
    let shuffle = try DocumentShuffle(path: path, buckets: plan.buckets)
    var tallies = [Tally](repeating: Tally(), count: plan.buckets)
    try forEachDocument(agreement) { document, entries in
      let bucket = document.row / plan.rows
      tallies[bucket].add(document, entries: entries.count)
      let longest = UnsafeMutablePointer<UInt8>.longest
      var out = try shuffle.room(
        document.id.count + document.opening.count + longest * 5 + entries.count * 10, in: bucket)
      out.put(varint: UInt64(document.row - bucket * plan.rows))
      out.put(varint: UInt64(document.id.count))
      out.put(document.id)
      out.put(varint: UInt64(document.label + 1))
      out.put(varint: UInt64(document.opening.count))
      out.put(document.opening)
      out.put(varint: UInt64(entries.count))
      var last = 0
      entries.drain { feature, count in
        out.put(varint: UInt64(feature - last) << 1 | (count > 1 ? 1 : 0))
        if count > 1 { out.put(varint: UInt64(count)) }
        last = feature
      }
      shuffle.commit(upTo: out, in: bucket)
    }
    try shuffle.finish()
    return tallies
  }

  /// Calls `body` with each document that the dataset keeps, in the order of the input, and its
  /// features, which are removed after the call.
  @inline(__always)
  private func forEachDocument(
    _ agreement: CorpusAgreement,
    _ body: (SpilledDocument, inout FeatureSet) throws -> Void
  ) throws {
    var entries = FeatureSet(features: agreement.vocabulary.count)
    defer { entries.deallocate() }
    var number: [UInt8] = []
    var document = 0
    try agreement.features.withUnsafeBufferPointer { features in
      try records.forEachBlock { block in
        guard var next = block.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        let end = next + block.count
        while next < end {
          let idLength = Int(next.varint()) - 1
          let id = next.bytes(max(0, idLength))
          var label = Int32(next.varint()) - 1
          let openingLength = Int(next.varint())
          let opening = next.bytes(openingLength)
          for _ in 0..<Int(next.varint()) {
            let code = next.varint()
            let count = code & 1 == 0 ? 1 : UInt32(next.varint())
            let feature = features[Int(code >> 1)]
            if feature >= 0 { entries.insert(Int(feature), count: count) }
          }
          defer {
            entries.removeAll()
            document += 1
          }
          let row = agreement.rows[document]
          guard row < .max else { continue }
          if let labels = agreement.labels {
            label = labels[labels.startIndex + document]
          } else if let numbers = agreement.classNumbers, label >= 0 {
            label = numbers[Int(label)]
          }
          var known = SpilledDocument(row: Int(row), id: id, label: label, opening: opening)
          if idLength >= 0 {
            try body(known, &entries)
          } else {
            number = Array(String(agreement.firstDocument + document).utf8)
            try number.withUnsafeBytes {
              known.id = $0
              try body(known, &entries)
            }
          }
        }
      }
    }
  }
}
