import DenseMath
import Diagnostics
import FoundationEssentials

/// Writes a dataset folder: complete, or not at all.
public struct DatasetWriter {
  /// Where to.
  public var output: String
  /// Whether the folder may hold a dataset already.
  public var replacing: Bool
  /// Of the order of documents; nil for the input's.
  public var seed: Int?
  /// Keep the first so many after ordering.
  public var limit: Int?
  /// The kind and the inputs, for `dataset.json`.
  public var source: String
  /// Told of the rows of numbers that are written.
  package var progress = ReadingProgress()

  public init(output: String, replacing: Bool, seed: Int?, limit: Int?, source: String) {
    self.output = output
    self.replacing = replacing
    self.seed = seed
    self.limit = limit
    self.source = PathName.shown(source)
  }

  /// Writes a text corpus as tf-idf.
  ///
  /// - Throws: `Failure.badInput` where it has no document, or no term.
  public func write(_ corpus: Corpus, _ counts: TermCounts) throws -> DatasetInfo {
    guard corpus.count > 0 else { throw Failure.badInput(source, "has no documents") }
    let features = TfIdf(counts)
    guard !features.vocabulary.isEmpty else {
      throw Failure.badInput(
        source, "has no terms of \(counts.settings.minimumLength) characters or more")
    }
    let order = DocumentOrder(count: corpus.count, seed: seed, limit: limit).documents
    let folder = try PartialFolder(for: output, replacing: replacing)

    let indices = try BufferedWriter(path: "\(folder.path)/indices.body")
    let data = try BufferedWriter(path: "\(folder.path)/data.body")
    var starts: [Int64] = [0]
    var empty = 0
    for document in order {
      let row = features.row(document)
      if row.indices.isEmpty { empty += 1 }
      try indices.append(row.indices)
      try data.append(row.values)
      starts.append(starts.last! + Int64(row.indices.count))
    }
    try indices.flush()
    try data.flush()
    let nonzeros = Int(starts.last!)
    // The header tells the length, which is known only now.
    for (name, type) in [("indices", NPY.ElementType.int32), ("data", .float32)] {
      try Self.addHeader(folder.path, name, [nonzeros], type)
    }
    try NPYWriter.create(
      path: "\(folder.path)/indptr.npy", shape: [starts.count], type: .int64
    ).write(starts, atRow: 0)
    let lines = features.vocabulary.map { "\($0.term)\t\($0.documentFrequency)\t\($0.idf)\n" }
    try File.write(Array(lines.joined().utf8), to: "\(folder.path)/vocabulary.tsv")
    return try finish(
      folder, corpus, order,
      DatasetInfo(
        layout: .csr, samples: order.count, features: features.vocabulary.count,
        nonzeros: nonzeros, classNames: [], seed: seed, source: source,
        corpusSamples: corpus.count, emptySamples: empty, text: counts.settings))
  }

  private static func addHeader(
    _ folder: String, _ name: String, _ shape: [Int], _ type: NPY.ElementType
  ) throws {
    let body = "\(folder)/\(name).body"
    let writer = try NPYWriter.create(path: "\(folder)/\(name).npy", shape: shape, type: type)
    let rows = writer.rows(from: 0)
    let file = try File(reading: body)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 22, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = try file.read(into: buffer)
      if count == 0 { break }
      try rows.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
    try rows.flush()
    File.remove(body)
  }

  /// Labels, ids, `dataset.json`, and the folder's final name.
  func finish(
    _ folder: PartialFolder, _ corpus: Corpus, _ order: [Int], _ info: DatasetInfo
  ) throws -> DatasetInfo {
    var info = info
    if corpus.labels.contains(where: { $0 >= 0 }) {
      info.classNames = corpus.classNames
      try NPYWriter.create(
        path: "\(folder.path)/labels.npy", shape: [order.count], type: .int32
      ).write(order.map { corpus.labels[$0] }, atRow: 0)
    }
    let ids = try BufferedWriter(path: "\(folder.path)/ids.txt")
    for document in order {
      var line = corpus.ids[document] + "\n"
      try line.withUTF8 { try ids.append(UnsafeRawBufferPointer($0)) }
    }
    try ids.flush()
    for name in try File.names(in: folder.path) {
      let path = "\(folder.path)/\(name)"
      let bytes = try File(reading: path).size
      info.files[name] = DatasetInfo.FileInfo(
        bytes: bytes, crc32: try Checksum.crc(of: path, 0..<bytes))
    }
    try info.write(to: folder.path)
    try folder.publish()
    return info
  }
}

extension DatasetInfo {
  /// Writes `dataset.json`.
  package func write(to folder: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try File.write(
      Array(try encoder.encode(self)) + [0x0a], to: "\(folder)/\(DatasetFolder.infoName)")
  }
}
