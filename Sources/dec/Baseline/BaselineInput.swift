import Collectives
import Datasets
import DeepClustering
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
  /// The embedding of all documents; nil for the documents themselves.
  let embedding: RunEmbedding?

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
    embedding = try options.on.map {
      try RunEmbedding(of: $0, options.stage, dataset, rows, over: world)
    }
  }

  /// The documents of this rank. Collective.
  func training() throws -> TrainingData {
    let shard =
      try embedding?.shard(rows)
      ?? world.together { try dataset.shard(rows) }
    return TrainingData(shard, samples: samples, over: world)
  }

  /// All documents, of which this rank works on its own. Collective.
  func spectral() throws -> SpectralData {
    let all =
      try embedding?.shard(0..<samples)
      ?? world.together { try dataset.shard(0..<samples) }
    return SpectralData(all, rows: rows, over: world)
  }

  /// The method's name in the summary.
  func name(_ method: String) -> String {
    switch embedding?.stage {
    case nil: "\(method) on the input"
    case .pretrained: "AE+\(method)"
    case .final: "\(method) on the embedding"
    }
  }
}
