import Datasets
import Diagnostics

extension DatasetWriter {
  /// Writes a text corpus as tf-idf, the plain way: all in memory and on one rank.
  ///
  /// - Throws: `Failure.badInput` where the corpus has no documents, or no terms.
  public func write(_ corpus: Corpus, _ counts: TermCounts) throws -> DatasetInfo {
    guard corpus.count > 0 else { throw Failure.badInput(source, "has no documents") }
    let features = TfIdf(counts)
    guard !features.vocabulary.isEmpty else {
      throw Failure.badInput(
        source, "has no terms of \(counts.settings.minimumLength) characters or more")
    }
    var settings = counts.settings
    settings.averageLength = features.averageLength
    let order = order.documents(of: corpus.count, limit: limit)
    let rows = order.map { features.row($0) }
    var starts: [Int64] = [0]
    for row in rows { starts.append(starts.last! + Int64(row.indices.count)) }
    let nonzeros = Int(starts.last!)

    let folder = try PartialFolder(for: output, replacing: replacing)
    func create(_ name: String, _ count: Int, _ type: NPY.ElementType) throws -> NPYWriter {
      try NPYWriter.create(path: "\(folder.path)/\(name).npy", shape: [count], type: type)
    }
    try create("indptr", starts.count, .int64).write(starts, atRow: 0)
    try create("indices", nonzeros, .int32).write(rows.flatMap(\.indices), atRow: 0)
    try create("data", nonzeros, .float32).write(rows.flatMap(\.values), atRow: 0)
    let lines = features.vocabulary.map { "\($0.term)\t\($0.documentFrequency)\t\($0.idf)\n" }
    try WholeFile.write(Array(lines.joined().utf8), to: "\(folder.path)/vocabulary.tsv")
    return try finish(
      folder, corpus, order,
      DatasetInfo(
        layout: .csr, samples: order.count, features: features.vocabulary.count,
        nonzeros: nonzeros, classNames: [],
        seed: self.order.seed(keeping: order.count, of: corpus.count), source: source,
        corpusSamples: corpus.count, emptySamples: rows.count { $0.indices.isEmpty },
        text: settings))
  }
}
