import Diagnostics

/// What of a text dataset is for a reader's eyes: training reads none of it, so it is no part of
/// the fingerprint.
extension DatasetFolder {
  /// A line a document: the first characters of its text.
  package static let openings = "openings.txt"
  /// int64 [n + 1]: where each line of `openings.txt` begins, then the length of the file.
  package static let openingOffsets = "opening_offsets.npy"
  /// A line a feature: the form in which the term occurs most often.
  package static let words = "words.txt"
  /// The files that the fingerprint leaves out.
  static let readersFiles: Set = [openings, openingOffsets, words]

  /// Whether the dataset keeps the openings of its documents.
  package var hasOpenings: Bool {
    info.files[Self.openings] != nil && info.files[Self.openingOffsets] != nil
  }

  /// The openings of the given documents; an empty dictionary where the dataset has none. It reads
  /// no other part of the file.
  ///
  /// - Throws: `Failure.badInput` where the offsets do not fit the file.
  package func openings(of documents: [Int]) throws -> [Int: String] {
    guard hasOpenings else { return [:] }
    let offsets = try NPYReader(file(Self.openingOffsets))
    let lines = try File(reading: file(Self.openings))
    let size = try lines.size
    var openings: [Int: String] = [:]
    for document in Set(documents).sorted() {
      let range = try offsets.integers(document..<document + 2)
      guard range[0] >= 0, range[0] < range[1], range[1] <= size else {
        throw Failure.badInput(
          file(Self.openingOffsets), at: "document \(document)",
          "\(range[0]) to \(range[1]) of \(size) bytes", hint: "prepare the dataset again")
      }
      var bytes = [UInt8](repeating: 0, count: range[1] - range[0] - 1)
      _ = try bytes.withUnsafeMutableBytes { try lines.read(into: $0, at: range[0]) }
      openings[document] = PlainText.line(String(decoding: bytes, as: UTF8.self))
    }
    return openings
  }

  /// The documents without any feature, ascending: rows of a sparse dataset without an entry.
  package func emptyDocuments() throws -> [Int] {
    guard info.layout == .csr, info.emptySamples > 0 else { return [] }
    let starts = try NPYReader(file("indptr.npy")).integers(0..<info.samples + 1)
    return (0..<info.samples).filter { starts[$0] == starts[$0 + 1] }
  }

  /// The words to show for the features; the terms themselves where the dataset has no other form
  /// of them, nil where it does not come from text.
  package func words() throws -> [String]? {
    guard let vocabulary = try vocabulary() else { return nil }
    guard info.files[Self.words] != nil else { return vocabulary.map(\.term) }
    let lines = try LineReader(path: file(Self.words))
    var words: [String] = []
    while let line = try lines.next() { words.append(String(decoding: line, as: UTF8.self)) }
    guard words.count == info.features else {
      throw Failure.badInput(
        file(Self.words), "has \(words.count) lines for \(info.features) features",
        hint: "prepare the dataset again")
    }
    return words
  }
}
