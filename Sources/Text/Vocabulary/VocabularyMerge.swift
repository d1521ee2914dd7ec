import Datasets
import Glibc

/// How ranks agree on the vocabulary: each sends its terms with their counts, slice by slice of a hash,
/// so that rank 0 never holds more than one slice and the best terms so far.
package struct VocabularyMerge {
  private struct Candidate {
    var term: [UInt8]
    var total: Int64
    var documents: Int64
  }

  private let limit: Int
  private var best: [Candidate] = []

  package init(limit: Int) { self.limit = limit }

  /// Adds one slice: `DocumentSpill.terms(slice:of:)` of every rank.
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
    // Only terms that reach the cut are copied.
    let cut = totals.count > limit ? totals.map(\.total).sorted(by: >)[limit - 1] : 1
    for (i, counts) in totals.enumerated() where counts.total >= cut {
      best.append(
        Candidate(term: [UInt8](table.term(i)), total: counts.total, documents: counts.documents))
    }
    best.sort {
      $0.total != $1.total ? $0.total > $1.total : $0.term.lexicographicallyPrecedes($1.term)
    }
    best.removeLast(max(0, best.count - limit))
  }

  /// The chosen terms in byte order with their document frequencies, for every rank.
  package func message() -> [UInt8] {
    var bytes: [UInt8] = []
    for chosen in best.sorted(by: { $0.term.lexicographicallyPrecedes($1.term) }) {
      chosen.term.withUnsafeBytes { bytes.append(counted: $0) }
      bytes.append(varint: UInt64(chosen.documents))
    }
    return bytes
  }
}

extension DocumentSpill {
  /// About what `terms` would send in all.
  package var termBytes: Int { numbering.table.poolCount + numbering.table.count * 4 }

  /// The terms of one slice of a hash, with total counts and document frequencies.
  package func terms(slice: Int, of slices: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for i in 0..<numbering.table.count {
      // A term of dropped documents alone counts for nothing, and has no record here.
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

  /// The feature of each of this rank's terms (-1 for none), and the vocabulary, from
  /// `VocabularyMerge.message`.
  func features(_ message: [UInt8], documents: Int) -> ([Int32], [VocabularyEntry]) {
    var features = [Int32](repeating: -1, count: numbering.table.count)
    var vocabulary: [VocabularyEntry] = []
    message.withUnsafeBytes {
      var cursor = ByteCursor($0)
      while !cursor.isAtEnd {
        let term = cursor.counted()
        let frequency = Int(cursor.varint())
        if let mine = numbering.table.find(term) { features[mine] = Int32(vocabulary.count) }
        vocabulary.append(
          VocabularyEntry(
            term: String(decoding: term, as: UTF8.self), documentFrequency: frequency,
            idf: log(Double(1 + documents) / Double(1 + frequency)) + 1))
      }
    }
    return (features, vocabulary)
  }

  /// This rank's classes that came as names.
  package func classMessage() -> [UInt8] {
    var bytes: [UInt8] = []
    for i in 0..<classes.count { bytes.append(counted: classes.term(i)) }
    return bytes
  }

  /// All ranks' classes, each once, in byte order.
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

  /// The names of all classes, and the number in them of each of this rank's.
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
