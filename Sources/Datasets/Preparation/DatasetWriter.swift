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
    self.source = source
  }

  /// Labels, ids, `dataset.json`, and the folder's final name.
  package func finish(
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
