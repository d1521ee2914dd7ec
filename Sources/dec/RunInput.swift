import Collectives
import Datasets
import DeepClustering
import Diagnostics
import Runs

/// The input of a training command: the verified dataset, and this rank's shard of it.
struct RunInput {
  let dataset: DatasetFolder
  /// All documents.
  let data: TrainingData
  /// The documents to train on: all, or a sample of them.
  let training: TrainingData
  /// What the documents are, which the preset's settings depend on.
  let kind: CorpusKind
  /// The rows of the dataset that are in this rank's shard.
  let rows: Range<Int>
  /// The classes of this rank's documents; nil where the dataset has none.
  let labels: [Int32]?
  /// The same of the documents to train on.
  let trainingLabels: [Int32]?
  let record: RunRecord.Dataset

  var world: any Communicator { data.world }

  /// Opens and verifies the dataset, and checks that all ranks have the same one. Collective.
  ///
  /// - Parameters:
  ///   - clusters: k; nil where nothing is clustered.
  ///   - trainOn: Documents, drawn at random, to train on; nil for all.
  /// - Throws: `Failure.badInput` where the dataset is damaged, `Failure.usage` where the options
  ///   do not fit it; on every rank.
  init(
    _ path: String, _ common: CommonOptions, clusters: Int?, trainOn: Int? = nil,
    over world: any Communicator
  ) throws {
    Job.isQuiet = common.quiet
    Job.useThreads(common.threads, over: world)
    let dataset = try DatasetFolder(opening: path, over: world)
    try Kernels.requireSame(over: world)
    let all = dataset.info.samples
    let samples = min(trainOn ?? all, all)
    let batchSize = common.batchSize ?? PretrainingParameters().batchSize
    try world.together {
      guard common.augment != true || dataset.info.picture != nil else {
        throw Failure.usage(
          "--augment true moves pictures, and \(path) does not say that its rows are any",
          hint: "prepare pictures by dec prepare idx, or leave the option out")
      }
      if let clusters, clusters > samples {
        throw Failure.usage("--clusters \(clusters) of \(samples) documents", hint: "use fewer")
      }
      guard world.size <= min(batchSize, samples) else {
        throw Failure.usage(
          "\(world.size) ranks for minibatches of \(min(batchSize, samples)) documents",
          hint: "start fewer ranks, or raise --batch-size")
      }
    }
    func documents(of samples: Int) -> Range<Int> {
      Lanes(samples: samples, batchSize: batchSize, rank: world.rank, of: world.size).documents
    }
    rows = documents(of: all)
    try dataset.verify(rows, over: world)
    let shard = try world.together { [rows] in try dataset.shard(rows) }
    labels = try world.together { [rows] in try dataset.labels(rows) }
    self.dataset = dataset
    data = TrainingData(shard, samples: all, over: world)
    if samples < all {
      let drawn = DocumentOrder.drawn(seed: common.seed).documents(of: all, limit: samples)
      let sample = Subset(of: dataset, documents: drawn)
      let part = documents(of: samples)
      training = TrainingData(
        try world.together { try sample.shard(part) }, samples: samples, over: world)
      trainingLabels = try world.together { try sample.labels(part) }
    } else {
      (training, trainingLabels) = (data, labels)
    }
    kind = CorpusKind(of: data)
    record = RunRecord.Dataset(dataset.info, path: Job.absolute(path))
  }
}
