import DenseMath
import Diagnostics

extension Subset {
  /// Rows that are in memory at a time.
  private static let chunk = 4096

  /// Writes the subset as a dataset folder of its own: the rows as they are, with their labels, ids
  /// and vocabulary. What lies at `output` is replaced. Rank 0 calls it.
  ///
  /// - Parameter source: How the documents were chosen, for `dataset.json`.
  /// - Throws: `Failure.io` where the folder cannot be written.
  public func write(to output: String, source: String) throws -> DatasetInfo {
    precondition(!documents.isEmpty, "a dataset of no documents")
    let folder = try PartialFolder(for: output, replacing: true)
    var info = dataset.info
    (info.samples, info.source, info.files) = (samples, source, [:])
    switch info.layout {
    case .dense: try writeDense(to: folder.path, &info)
    case .csr: try writeSparse(to: folder.path, &info)
    }
    let vocabulary = "vocabulary.tsv"
    if dataset.info.files[vocabulary] != nil {
      try WholeFile.write(
        try WholeFile.read(dataset.file(vocabulary)), to: "\(folder.path)/\(vocabulary)")
    }
    var corpus = Corpus()
    let ids = try dataset.ids(0..<dataset.info.samples)
    corpus.ids = documents.map { ids[$0] }
    corpus.labels = try labels(0..<samples) ?? []
    corpus.classNames = info.classNames
    return try DatasetWriter(output: output, replacing: true, source: source)
      .finish(folder, corpus, Array(0..<samples), info)
  }

  /// Calls `body` with the rows of all documents in turn, some at a time.
  private func forEachChunk(_ body: (InputRows, _ first: Int) throws -> Void) throws {
    let shard = try shard(0..<samples)
    var rows = InputRows(columns: shard.features, isSparse: shard.isSparse)
    for start in stride(from: 0, to: samples, by: Self.chunk) {
      shard.gather(start..<min(samples, start + Self.chunk), into: &rows)
      try body(rows, start)
    }
  }

  private func writeDense(to folder: String, _ info: inout DatasetInfo) throws {
    let writer = try NPYWriter.create(
      path: "\(folder)/dense.npy", shape: [samples, info.features], type: .float32)
    var empty = 0
    try forEachChunk { rows, first in
      try writer.write(rows.dense.elements, atRow: first)
      let x = Rows(rows.dense)
      empty += x.indices.count { i in (0..<x.columns).allSatisfy { x[i, $0] == 0 } }
    }
    (info.nonzeros, info.emptySamples) = (samples * info.features, empty)
  }

  private func writeSparse(to folder: String, _ info: inout DatasetInfo) throws {
    var starts: [Int64] = [0]
    try forEachChunk { rows, _ in
      let last = starts[starts.count - 1]
      starts += rows.sparse.rowStarts.dropFirst().map { last + Int64($0) }
    }
    let count = Int(starts[starts.count - 1])
    try NPYWriter.create(path: "\(folder)/indptr.npy", shape: [starts.count], type: .int64)
      .write(starts, atRow: 0)
    let indices = try NPYWriter.create(
      path: "\(folder)/indices.npy", shape: [count], type: .int32)
    let data = try NPYWriter.create(path: "\(folder)/data.npy", shape: [count], type: .float32)
    try forEachChunk { rows, first in
      try indices.write(rows.sparse.indices, atRow: Int(starts[first]))
      try data.write(rows.sparse.values, atRow: Int(starts[first]))
    }
    info.nonzeros = count
    info.emptySamples = zip(starts, starts.dropFirst()).count { $0 == $1 }
  }
}
