import Diagnostics

extension VocabularyEntry {
  /// Reads a `vocabulary.tsv`: line j is feature j.
  ///
  /// - Throws: `Failure.badInput` with the line.
  public static func read(_ path: String) throws -> [VocabularyEntry] {
    let lines = try LineReader(path: path)
    var entries: [VocabularyEntry] = []
    while let line = try lines.next() {
      let fields = String(decoding: line, as: UTF8.self).split(
        separator: "\t", omittingEmptySubsequences: false)
      guard fields.count == 3, let frequency = Int(fields[1]), let idf = Double(fields[2]),
        idf.isFinite
      else {
        throw Failure.badInput(
          path, at: "line \(lines.line)", "is not term, document frequency and idf",
          hint: "prepare the dataset again")
      }
      entries.append(
        VocabularyEntry(term: String(fields[0]), documentFrequency: frequency, idf: idf))
    }
    return entries
  }
}
