import Collectives
import Datasets
import Diagnostics

/// Writes a synthetic corpus in the format of the published RCV1-v2: token files of 100,000
/// documents each, and one file of topics.
public struct SyntheticText {
  public var corpus: SyntheticCorpus
  /// The path of the output folder.
  public var output: String
  public var replacing: Bool
  /// The number of documents in a token file.
  var documentsAFile = 100_000

  /// The name of the file of topics.
  public static let topics = "topics.qrels"

  public init(_ corpus: SyntheticCorpus, output: String, replacing: Bool) {
    self.corpus = corpus
    self.output = output
    self.replacing = replacing
  }

  /// Writes the files. Collective.
  /// - Returns: The names of the token files, and the size of all files in bytes.
  public func write(over world: any Communicator) throws -> (files: [String], bytes: Int) {
    let count = (corpus.documents + documentsAFile - 1) / documentsAFile
    let digits = "\(count - 1)".count
    let names = (0..<count).map { number in
      let text = "\(number)"
      return "tokens_" + String(repeating: "0", count: digits - text.count) + text + ".dat"
    }
    let folder = try world.together {
      world.isRoot
        ? try PartialFolder(for: output, replacing: replacing, scratch: names + [Self.topics]) : nil
    }
    var path = Array((folder?.path ?? "").utf8)
    world.broadcast(&path)
    let place = String(decoding: path, as: UTF8.self)
    try world.requireShared(place, in: output)
    var topics: [UInt8] = []
    var bytes = 0
    try world.together {
      for i in share(of: count, part: world.rank, of: world.size) {
        let range = i * documentsAFile..<min(corpus.documents, (i + 1) * documentsAFile)
        bytes += try corpus.write(range, tokens: "\(place)/\(names[i])", topics: &topics)
      }
    }
    let sizes = world.allGather(Int64(topics.count)).map(Int.init)
    let offset = sizes[..<world.rank].reduce(0, +)
    try world.together {
      try SyntheticCorpus.write(topics, to: "\(place)/\(Self.topics)", at: offset)
    }
    try world.together { try folder?.publish() }
    return (names, Int(world.allReduce(Int64(bytes + topics.count))))
  }
}
