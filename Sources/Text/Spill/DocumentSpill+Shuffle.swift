import Datasets

/// What the ranks agreed on after the first pass, for the second.
package struct CorpusAgreement {
  /// The number of documents of the corpus before those of this rank.
  package var firstDocument = 0
  /// The number of documents of all ranks, before `--limit`.
  package var documents = 0
  package var labelled = 0
  /// The vocabulary, as `VocabularyMerge.message` encodes it.
  package var vocabulary: [UInt8] = []
  /// The label of each of this rank's class names; nil where the corpus has numeric labels.
  package var classNumbers: [Int32]?
  /// Labels from `--labels` for this rank's documents, in place of their own; nil without.
  package var labels: ArraySlice<Int32>?
  package var seed: Int?

  package init() {}
}

extension DocumentSpill {
  /// Sorts the documents that the dataset keeps into buckets, and replaces terms by features.
  ///
  /// - Returns: The tallies of the buckets, to be summed over all ranks, and the vocabulary.
  package func shuffle(
    _ agreement: CorpusAgreement, _ plan: BucketPlan, to path: String
  ) throws -> (tallies: [Int64], vocabulary: [VocabularyEntry]) {
    let (features, vocabulary) = features(agreement.vocabulary, documents: agreement.documents)
    let range = agreement.firstDocument..<agreement.firstDocument + documents
    let places = DocumentOrder.places(range, count: agreement.documents, seed: agreement.seed)
    let shuffle = try DocumentShuffle(path: path, buckets: plan.buckets)
    let set = FeatureSet(features: vocabulary.count)
    defer { set.deallocate() }
    var tallies = [BucketTally](repeating: BucketTally(), count: plan.buckets)
    var number: [UInt8] = []
    var document = 0

    try features.withUnsafeBufferPointer { features in
      try records.forEachBlock { block in
        guard var next = block.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        let end = next + block.count
        while next < end {
          defer { document += 1 }
          let place = Int(places[document])
          let idLength = Int(next.varint()) - 1
          var id = next.bytes(max(0, idLength))
          var label = Int32(next.varint()) - 1
          var entryCount = 0
          for _ in 0..<Int(next.varint()) {
            let code = next.varint()
            let count = code & 1 == 0 ? 1 : UInt32(next.varint())
            let feature = features[Int(code >> 1)]
            guard feature >= 0 else { continue }
            set.insert(Int(feature), count: count)
            entryCount += 1
          }
          guard place < plan.samples else {
            set.drain { _, _ in }
            continue
          }
          if let labels = agreement.labels {
            label = labels[labels.startIndex + document]
          } else if let numbers = agreement.classNumbers, label >= 0 {
            label = numbers[Int(label)]
          }
          if idLength < 0 { number = Array(String(range.lowerBound + document).utf8) }
          try number.withUnsafeBytes { number in
            if idLength < 0 { id = number }
            let bucket = place / plan.rows
            let longest = UnsafeMutablePointer<UInt8>.longest
            var out = try shuffle.room(id.count + longest * 4 + entryCount * 10, in: bucket)
            out.put(varint: UInt64(place - bucket * plan.rows))
            out.put(varint: UInt64(id.count))
            out.put(id)
            out.put(varint: UInt64(label + 1))
            out.put(varint: UInt64(entryCount))
            var last = 0
            set.drain { feature, count in
              out.put(varint: UInt64(feature - last) << 1 | (count > 1 ? 1 : 0))
              if count > 1 { out.put(varint: UInt64(count)) }
              last = feature
            }
            shuffle.commit(upTo: out, in: bucket)
            tallies[bucket].nonzeros += Int64(entryCount)
            tallies[bucket].idBytes += Int64(id.count + 1)
            if entryCount == 0 { tallies[bucket].empty += 1 }
          }
        }
      }
    }
    try shuffle.finish()
    return (BucketTally.pack(tallies), vocabulary)
  }
}
