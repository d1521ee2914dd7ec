import CHost
import Datasets
import Glibc

/// One rank's share of a text corpus as it is read. It keeps counts of terms and, for each
/// document, its id, label and terms in a few hundred bytes, which go to a file when they exceed
/// the memory limit. Of the text it keeps the opening.
///
/// A record is: id length + 1 (0 for none), id, label + 1, length of the opening, opening, number
/// of terms, then each term: its number times 2, and 1 more where a count above 1 follows.
package final class DocumentSpill: DocumentSink {
  struct Term {
    /// The last document that contained the term, and the index of the term within it.
    var stamp: UInt32
    var place: UInt32
    /// The number of occurrences and of documents so far, of kept documents.
    var total: Int64
    var documents: Int64
  }

  struct Entry {
    var term: UInt32
    var count: UInt32
  }

  /// The number of documents kept so far.
  package private(set) var documents = 0
  /// The number of documents with a label.
  package private(set) var labelled = 0
  /// The number of invalid UTF-8 sequences, which are replaced.
  package var invalidSequences: Int { numbering.invalidSequences + otherInvalidSequences }
  /// The size of all text in bytes.
  package private(set) var textBytes = 0
  /// The size of all records in bytes.
  package var recordBytes: Int { records.count }
  let numbering: TermNumbering
  /// The class names, in the order in which they first occurred.
  let classes = TermTable(capacity: 64)
  let records: RecordLog

  private(set) var terms: UnsafeMutablePointer<Term>
  private var termCapacity = 1 << 12
  private var entries: UnsafeMutablePointer<Entry>
  private var entryCapacity = 1 << 10
  private var entryCount = 0
  private var stamp: UInt32 = 1
  private var otherInvalidSequences = 0
  private var opening: Opening

  /// - Parameters:
  ///   - path: The path of a file for the records, created if they exceed `memoryLimit`.
  ///   - openingLength: The characters that are kept of the beginning of each document.
  package init(
    _ settings: TextSettings, path: String, memoryLimit: Int = 1 << 28, openingLength: Int = 0
  ) {
    opening = Opening(length: openingLength)
    numbering = TermNumbering(settings)
    records = RecordLog(path: path, memoryLimit: memoryLimit)
    terms = .allocate(capacity: termCapacity)
    terms.initialize(
      repeating: Term(stamp: 0, place: 0, total: 0, documents: 0), count: termCapacity)
    entries = .allocate(capacity: entryCapacity)
  }

  deinit {
    terms.deallocate()
    entries.deallocate()
  }

  package func add(_ text: UnsafeRawBufferPointer) {
    textBytes += text.count
    opening.add(text)
    let (terms, termCapacity) = (terms, termCapacity)
    numbering.terms(in: text) {
      if $0 < termCapacity { chost_prefetch(terms + $0) }
    } _: { term in
      if term >= self.termCapacity { growTerms(term) }
      let known = self.terms + term
      if known.pointee.stamp == stamp {
        entries[Int(known.pointee.place)].count += 1
      } else {
        if entryCount == entryCapacity { growEntries() }
        known.pointee.stamp = stamp
        known.pointee.place = UInt32(entryCount)
        entries[entryCount] = Entry(term: UInt32(term), count: 1)
        entryCount += 1
      }
    }
  }

  package func endDocument(id: UnsafeRawBufferPointer?, label: DocumentLabel) throws {
    var number: Int32 = -1
    switch label {
    case .none: break
    case .number(let value): number = value
    case .name(let name): if !name.isEmpty { number = Int32(classes.number(of: name)) }
    }
    if let id, !Self.isOneLine(id) {
      var line = Corpus.line(id)
      try line.withUTF8 { try write(id: UnsafeRawBufferPointer($0), number) }
    } else {
      try write(id: id, number)
    }
    documents += 1
    if number >= 0 { labelled += 1 }
    dropDocument()
  }

  package func dropDocument() {
    entryCount = 0
    opening.removeAll()
    stamp &+= 1
    if stamp == 0 {  // After 2³² documents stamps are given again.
      for i in 0..<termCapacity { terms[i].stamp = 0 }
      stamp = 1
    }
  }

  package func note(invalidSequences: Int) { otherInvalidSequences += invalidSequences }

  private func write(id: UnsafeRawBufferPointer?, _ label: Int32) throws {
    let longest = UnsafeMutablePointer<UInt8>.longest
    var end = try records.room(
      (id?.count ?? 0) + opening.bytes.count + longest * 4 + entryCount * 12)
    end.put(varint: UInt64((id?.count ?? -1) + 1))
    if let id { end.put(id) }
    end.put(varint: UInt64(label + 1))
    end.put(varint: UInt64(opening.bytes.count))
    opening.bytes.withUnsafeBytes { end.put($0) }
    end.put(varint: UInt64(entryCount))
    for i in 0..<entryCount {
      let entry = entries[i]
      let term = terms + Int(entry.term)
      term.pointee.total += Int64(entry.count)
      term.pointee.documents += 1
      end.put(varint: UInt64(entry.term) << 1 | (entry.count > 1 ? 1 : 0))
      if entry.count > 1 { end.put(varint: UInt64(entry.count)) }
    }
    records.commit(upTo: end)
  }

  /// Whether an id is ASCII without line ends and tabs.
  private static func isOneLine(_ id: UnsafeRawBufferPointer) -> Bool {
    id.allSatisfy { $0 >= 0x20 && $0 < 0x80 }
  }

  private func growTerms(_ term: Int) {
    let capacity = max(termCapacity * 2, term + 1)
    let larger = UnsafeMutablePointer<Term>.allocate(capacity: capacity)
    larger.moveInitialize(from: terms, count: termCapacity)
    (larger + termCapacity).initialize(
      repeating: Term(stamp: 0, place: 0, total: 0, documents: 0), count: capacity - termCapacity)
    terms.deallocate()
    terms = larger
    termCapacity = capacity
  }

  private func growEntries() {
    let larger = UnsafeMutablePointer<Entry>.allocate(capacity: entryCapacity * 2)
    larger.moveInitialize(from: entries, count: entryCount)
    entries.deallocate()
    entries = larger
    entryCapacity *= 2
  }
}
