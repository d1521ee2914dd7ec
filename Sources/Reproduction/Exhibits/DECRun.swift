import Collectives
import Datasets
import DeepClustering
import DenseMath
import Diagnostics
import Runs

/// The run that figures 3 and 4 look into: DEC at the default setting, from seed 0.
struct DECRun {
  let cell: Cell
  let folder: RunFolder
  let record: RunRecord
  private let corpus: CorpusEntry

  static func cell(on corpus: CorpusEntry, _ plan: Plan) -> Cell {
    Method.training(seed: 0, on: corpus, plan)
  }

  init(on corpus: CorpusEntry, _ results: Results) throws {
    cell = Self.cell(on: corpus, results.plan)
    folder = results.folder(of: cell)
    record = try folder.finishedRecord()
    self.corpus = corpus
  }

  /// q, z and the clusters at the start of the KL phase, of all documents.
  func start() throws -> TargetRefresh {
    let path = folder.file(RunFolder.Name.pretrained)
    let model = try Model(Safetensors(try WholeFile.read(path), path: path), path: path)
    guard let centroids = model.centroids else {
      throw Failure.badInput(path, "has no centroids", hint: "run it again with --overwrite")
    }
    let n = corpus.dataset.info.samples
    let data = TrainingData(
      try corpus.dataset.shard(0..<n), samples: n, over: SoloCommunicator())
    return TargetRefresh(of: data, through: model.autoencoder.encoder, centroids: centroids)
  }
}

/// Documents as a page shows them: pictures where the dataset has them, otherwise ids, and of text
/// the terms that weigh most.
struct DocumentViews {
  private let corpus: CorpusEntry
  private let ids: [String]
  private let vocabulary: [VocabularyEntry]?

  init(of corpus: CorpusEntry) throws {
    self.corpus = corpus
    ids = try corpus.dataset.ids(0..<corpus.dataset.info.samples)
    vocabulary = try corpus.dataset.vocabulary()
  }

  var isOfPictures: Bool { corpus.dataset.info.picture != nil }

  func id(_ document: Int) -> String { ids[document] }

  /// The pixels of a picture, 0 to 255.
  func pixels(_ document: Int) throws -> [UInt8] {
    let scale = corpus.dataset.info.scale ?? 1
    return try row(document).dense.elements.map {
      UInt8(clamping: Int((Double($0) / scale).rounded()))
    }
  }

  /// The terms of a document with the largest weights.
  func terms(_ document: Int, count: Int = 6) throws -> [String] {
    guard let vocabulary, corpus.dataset.info.layout == .csr else { return [] }
    let row = try row(document).sparse
    return row.indices.indices.sorted { (row.values[$0], $1) > (row.values[$1], $0) }.prefix(count)
      .map { vocabulary[Int(row.indices[$0])].term }
  }

  private func row(_ document: Int) throws -> InputRows {
    let shard = try corpus.dataset.shard(document..<document + 1)
    var rows = InputRows(columns: shard.features, isSparse: shard.isSparse)
    shard.gather([document], into: &rows)
    return rows
  }
}
