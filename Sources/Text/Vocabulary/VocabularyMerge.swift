import Datasets

/// Merges the vocabularies of the ranks. Each rank sends its terms and their counts in slices by a
/// hash of the term, so that rank 0 holds no more than one slice and the most frequent terms so
/// far.
package struct VocabularyMerge {
  private struct Candidate {
    var term: [UInt8]
    var total: Int64
    var documents: Int64
  }

  private let limit: Int
  /// Terms in more documents are left out.
  private let maximumDocuments: Double
  private var best: [Candidate] = []

  /// - Parameter documents: n, of all ranks.
  package init(_ settings: TextSettings, documents: Int) {
    limit = settings.features
    maximumDocuments = settings.maximumDocumentFrequency * Double(documents)
  }

  /// Adds one slice, from `DocumentSpill.terms(slice:of:)` of every rank.
  package mutating func add(_ messages: [[UInt8]]) {
    let table = TermTable()
    var totals: [(total: Int64, documents: Int64)] = []
    for message in messages {
      message.withUnsafeBytes {
        var cursor = ByteCursor($0)
        while !cursor.isAtEnd {
          let term = table.number(of: cursor.counted())
          if term == totals.count { totals.append((0, 0)) }
          totals[term].total += Int64(cursor.varint())
          totals[term].documents += Int64(cursor.varint())
        }
      }
    }
    for i in totals.indices where Double(totals[i].documents) > maximumDocuments {
      totals[i].total = 0
    }
    // Only terms that are frequent enough to be kept so far are copied.
    let cut = totals.count > limit ? max(1, totals.map(\.total).sorted(by: >)[limit - 1]) : 1
    for (i, counts) in totals.enumerated() where counts.total >= cut {
      best.append(
        Candidate(term: [UInt8](table.term(i)), total: counts.total, documents: counts.documents))
    }
    best.sort {
      $0.total != $1.total ? $0.total > $1.total : $0.term.lexicographicallyPrecedes($1.term)
    }
    best.removeLast(max(0, best.count - limit))
  }

  /// The selected terms in byte order with their document frequencies and total counts, encoded for
  /// broadcast.
  package func message() -> [UInt8] {
    var bytes: [UInt8] = []
    for chosen in best.sorted(by: { $0.term.lexicographicallyPrecedes($1.term) }) {
      chosen.term.withUnsafeBytes { bytes.append(counted: $0) }
      bytes.append(varint: UInt64(chosen.documents))
      bytes.append(varint: UInt64(chosen.total))
    }
    return bytes
  }
}

extension DocumentSpill {
  /// The approximate size in bytes of all slices of `terms` together.
  package var termBytes: Int { numbering.table.poolCount + numbering.table.count * 4 }

  /// The terms whose hash is in the given slice, with total counts and document frequencies.
  package func terms(slice: Int, of slices: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for i in 0..<numbering.table.count {
      // A term that occurs only in dropped documents has no record here.
      guard terms[i].total > 0 else { continue }
      let term = numbering.table.term(i)
      if slices > 1, Self.slice(of: term, slices) != slice { continue }
      bytes.append(counted: term)
      bytes.append(varint: UInt64(terms[i].total))
      bytes.append(varint: UInt64(terms[i].documents))
    }
    return bytes
  }

  private static func slice(of term: UnsafeRawBufferPointer, _ slices: Int) -> Int {
    Int(term.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 } >> 16)
      % slices
  }

  /// Takes the vocabulary, the feature of each of this rank's terms (-1 for none) and the average
  /// length of a document from `VocabularyMerge.message`.
  func take(_ message: [UInt8], _ agreement: inout CorpusAgreement) {
    let n = agreement.documents
    let weight = agreement.settings.weight
    var features = [Int32](repeating: -1, count: numbering.table.count)
    var vocabulary: [VocabularyEntry] = []
    var occurrences: Int64 = 0
    message.withUnsafeBytes {
      var cursor = ByteCursor($0)
      while !cursor.isAtEnd {
        let term = cursor.counted()
        let frequency = Int(cursor.varint())
        occurrences += Int64(cursor.varint())
        if let mine = numbering.table.find(term) { features[mine] = Int32(vocabulary.count) }
        vocabulary.append(
          VocabularyEntry(
            term: String(decoding: term, as: UTF8.self), documentFrequency: frequency,
            idf: TermWeights.inverseDocumentFrequency(weight, documents: n, having: frequency)))
      }
    }
    agreement.features = features
    agreement.vocabulary = vocabulary
    // A quotient of exact sums: the same bits at every number of ranks.
    agreement.settings.averageLength =
      weight == .bm25 ? Double(occurrences) / Double(n) : nil
  }

  /// The class names of this rank, encoded.
  package func classMessage() -> [UInt8] {
    var bytes: [UInt8] = []
    for i in 0..<classes.count { bytes.append(counted: classes.term(i)) }
    return bytes
  }

  /// Merges the class names of all ranks, without duplicates, in byte order.
  package static func mergeClasses(_ messages: [[UInt8]]) -> [UInt8] {
    let all = TermTable(capacity: 64)
    for message in messages {
      message.withUnsafeBytes {
        var cursor = ByteCursor($0)
        while !cursor.isAtEnd { _ = all.number(of: cursor.counted()) }
      }
    }
    var bytes: [UInt8] = []
    for name in (0..<all.count).map({ [UInt8](all.term($0)) })
      .sorted(by: { $0.lexicographicallyPrecedes($1) })
    {
      name.withUnsafeBytes { bytes.append(counted: $0) }
    }
    return bytes
  }

  /// The names of all classes, and the index among them of each class of this rank.
  package func classes(_ message: [UInt8]) -> (names: [String], numbers: [Int32]) {
    var names: [String] = []
    var numbers = [Int32](repeating: -1, count: classes.count)
    message.withUnsafeBytes {
      var cursor = ByteCursor($0)
      while !cursor.isAtEnd {
        let name = cursor.counted()
        if let mine = classes.find(name) { numbers[mine] = Int32(names.count) }
        names.append(String(decoding: name, as: UTF8.self))
      }
    }
    return (names, numbers)
  }
}
