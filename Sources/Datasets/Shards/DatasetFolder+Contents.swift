import Diagnostics
import Glibc

/// A line of `vocabulary.tsv`: a term, which is a feature, and its statistics.
public struct VocabularyEntry: Equatable, Sendable {
  public var term: String
  /// df, the number of documents of the corpus that contain the term.
  public var documentFrequency: Int
  /// The inverse document frequency, ln((1 + n) / (1 + df)) + 1.
  public var idf: Double

  public init(term: String, documentFrequency: Int, idf: Double) {
    self.term = term
    self.documentFrequency = documentFrequency
    self.idf = idf
  }
}

extension DatasetFolder {
  /// Maps the rows of the documents in `range`, and validates them.
  public func shard(_ range: Range<Int>) throws -> Shard {
    precondition(range.lowerBound >= 0 && range.upperBound <= info.samples)
    return info.layout == .csr ? try Shard(csr: self, range) : try Shard(dense: self, range)
  }

  /// Reads the labels of the documents in `range`, -1 for none; nil where the dataset has no
  /// labels.
  public func labels(_ range: Range<Int>) throws -> [Int32]? {
    guard info.files["labels.npy"] != nil else { return nil }
    let labels = try NPYReader(file("labels.npy")).elements(range, as: Int32.self)
    if let wrong = labels.firstIndex(where: { $0 < -1 || $0 >= max(1, info.classNames.count) }) {
      throw Failure.badInput(
        file("labels.npy"), at: "document \(range.lowerBound + wrong)",
        "label \(labels[wrong]) of \(info.classNames.count) classes",
        hint: "prepare the dataset again")
    }
    return labels
  }

  /// Reads the ids of the documents in `range`.
  public func ids(_ range: Range<Int>) throws -> [String] {
    let lines = try LineReader(path: file("ids.txt"))
    var ids: [String] = []
    ids.reserveCapacity(range.count)
    var document = 0
    while document < range.upperBound, let line = try lines.next() {
      if document >= range.lowerBound { ids.append(String(decoding: line, as: UTF8.self)) }
      document += 1
    }
    guard ids.count == range.count else {
      throw Failure.badInput(
        file("ids.txt"), "has \(document) lines for \(info.samples) documents",
        hint: "prepare the dataset again")
    }
    return ids
  }

  /// Reads the terms, one for each feature; nil where the dataset does not come from text.
  public func vocabulary() throws -> [VocabularyEntry]? {
    let name = "vocabulary.tsv"
    guard info.files[name] != nil else { return nil }
    let entries = try VocabularyEntry.read(file(name))
    guard entries.count == info.features else {
      throw Failure.badInput(
        file(name), "has \(entries.count) lines for \(info.features) features",
        hint: "prepare the dataset again")
    }
    return entries
  }
}
