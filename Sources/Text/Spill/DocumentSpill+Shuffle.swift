import Datasets

/// What the ranks have agreed on, for the second pass.
package struct CorpusAgreement {
  /// Documents of the corpus before this rank's.
  package var firstDocument = 0
  /// Of all ranks, before `--limit`.
  package var documents = 0
  package var labelled = 0
  /// From `VocabularyMerge.message`.
  package var vocabulary: [UInt8] = []
  /// The number of each of this rank's classes; nil where labels are numbers already.
  package var classNumbers: [Int32]?
  /// Labels of this rank's documents from elsewhere, in place of their own.
  package var labels: ArraySlice<Int32>?
  package var seed: Int?

  package init() {}
}

extension DocumentSpill {
  /// Sorts the documents that the dataset keeps into buckets, terms become features.
  ///
  /// - Returns: The buckets' tallies, to be summed over all ranks; and the vocabulary.
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
