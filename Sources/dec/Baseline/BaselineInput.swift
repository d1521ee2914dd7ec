import Collectives
import Datasets
import DeepClustering
import DenseMath
import Diagnostics
import Runs
import SpectralClustering

/// The input of a baseline: the verified dataset, and the embedding that takes the place of its
/// documents.
struct BaselineInput {
  let dataset: DatasetFolder
  /// This rank's documents.
  let rows: Range<Int>
  /// The classes of this rank's documents; nil where the dataset has none.
  let labels: [Int32]?
  let world: any Communicator
  let record: RunRecord.Dataset
  /// The embedding of all documents, `[samples, code]`; nil for the documents themselves.
  let embedding: Matrix?
  /// Where it came from.
  let stage: EmbeddingStage?
  let embeddingChecksum: String?

  /// n.
  var samples: Int { dataset.info.samples }

  /// Opens and verifies the dataset. Collective.
  ///
  /// - Throws: `Failure.badInput` where it is damaged, `Failure.usage` where the options do not fit
  ///   it, or `--on` is a run on another one; on every rank.
  init(_ path: String, _ options: BaselineOptions, over world: any Communicator) throws {
    Job.isQuiet = options.quiet
    Job.useThreads(options.threads, over: world)
    let dataset = try DatasetFolder(opening: path, over: world)
    try Kernels.requireSame(over: world)
    let n = dataset.info.samples
    try world.together {
      guard options.clusters < n else {
        throw Failure.usage("--clusters \(options.clusters) of \(n) documents", hint: "use fewer")
      }
      guard world.size <= n else {
        throw Failure.usage("\(world.size) ranks for \(n) documents", hint: "start fewer ranks")
      }
    }
    let rows = share(of: n, part: world.rank, of: world.size)
    try dataset.verify(rows, over: world)
    labels = try world.together { try dataset.labels(rows) }
    (self.dataset, self.rows, self.world) = (dataset, rows, world)
    record = RunRecord.Dataset(dataset.info, path: Job.absolute(path))
    if let on = options.on {
      let found = try RunEmbedding(of: on, options.stage, dataset, rows, over: world)
      (embedding, stage, embeddingChecksum) = (found.rows, found.stage, found.checksum)
    } else {
      (embedding, stage, embeddingChecksum) = (nil, nil, nil)
    }
  }

  /// The documents of this rank. Collective.
  func training() throws -> TrainingData {
    let shard =
      try embedding.map { Shard(memory: InputRows($0.rows(rows)), range: rows) }
      ?? world.together { try dataset.shard(rows) }
    return TrainingData(shard, samples: samples, over: world)
  }

  /// All documents, of which this rank works on its own. Collective.
  func spectral() throws -> SpectralData {
    let all =
      try embedding.map { Shard(memory: InputRows($0), range: 0..<samples) }
      ?? world.together { try dataset.shard(0..<samples) }
    return SpectralData(all, rows: rows, over: world)
  }

  /// The method's name in the summary.
  func name(_ method: String) -> String {
    switch stage {
    case nil: "\(method) on the input"
    case .pretrained: "AE+\(method)"
    case .final: "\(method) on the embedding"
    }
  }
}

/// An embedding that a run has of all documents of a dataset.
struct RunEmbedding {
  let rows: Matrix
  let stage: EmbeddingStage
  let checksum: String

  /// Reads `embedding.npy`, or lets the pretrained autoencoder embed the documents. Collective.
  ///
  /// - Throws: `Failure.usage` where the run is of another dataset.
  init(
    of path: String, _ stage: EmbeddingStage?, _ dataset: DatasetFolder, _ rows: Range<Int>,
    over world: any Communicator
  ) throws {
    let run = RunFolder(path)
    let record = try world.together { try run.finishedRecord() }
    let stage = stage ?? (run.has(RunFolder.Name.embedding) ? .final : .pretrained)
    let name = stage == .final ? RunFolder.Name.embedding : RunFolder.Name.pretrained
    let n = dataset.info.samples
    try world.together {
      guard record.dataset.fingerprint == dataset.info.fingerprint else {
        throw Failure.usage(
          "\(path) is a run on another dataset than \(dataset.path)",
          hint: "name the dataset of its run.json, \(record.dataset.path)")
      }
      guard run.has(name) else {
        throw Failure.io(run.file(name), "is missing", hint: "choose another --stage or --on")
      }
      try run.check(name, of: record)
    }
    self.stage = stage
    checksum = try world.together {
      String(try DatasetInfo.FileInfo(of: run.file(name)).crc32, radix: 16)
    }
    switch stage {
    case .final:
      self.rows = try world.together {
        guard let reader = try run.matrix(name), reader.header.shape[0] == n else {
          throw Failure.badInput(run.file(name), "has not a row for each of \(n) documents")
        }
        return Matrix(
          rows: n, columns: reader.header.shape[1],
          elements: try reader.floats(0..<reader.header.count))
      }
    case .pretrained:
      let (encoder, shard) = try world.together {
        let bytes = try WholeFile.read(run.file(name))
        let model = try Model(Safetensors(bytes, path: run.file(name)), path: run.file(name))
        return (model.autoencoder.encoder, try dataset.shard(rows))
      }
      let mine = encoder.embed(shard)
      var all = Matrix(rows: n, columns: mine.columns)
      all.withMutableRows { all in
        for i in rows {
          all[i].update(from: Rows(mine)[i - rows.lowerBound], count: mine.columns)
        }
      }
      // The other ranks' rows are zeros.
      all.withUnsafeMutableElements { world.allReduce($0, by: .sum) }
      self.rows = all
    }
  }
}
