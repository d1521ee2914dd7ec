import Collectives
import Datasets
import DeepClustering
import Diagnostics
import Runs

/// The input of a training command: the verified dataset, and this rank's shard of it.
struct RunInput {
  let dataset: DatasetFolder
  let data: TrainingData
  /// What the documents are, which the preset's settings depend on.
  let kind: CorpusKind
  /// The rows of the dataset that are in this rank's shard.
  let rows: Range<Int>
  /// The classes of this rank's documents; nil where the dataset has none.
  let labels: [Int32]?
  let record: RunRecord.Dataset

  var world: any Communicator { data.world }

  /// Opens and verifies the dataset, and checks that all ranks have the same one. Collective.
  ///
  /// - Parameter clusters: k; nil where nothing is clustered.
  /// - Throws: `Failure.badInput` where the dataset is damaged, `Failure.usage` where the options
  ///   do not fit it; on every rank.
  init(_ path: String, _ common: CommonOptions, clusters: Int?, over world: any Communicator) throws
  {
    Job.isQuiet = common.quiet
    Job.useThreads(common.threads, over: world)
    let dataset = try DatasetFolder(opening: path, over: world)
    try world.requireSame([
      CommonFact(
        "OpenBLAS", Kernels.openBLASVersion, hint: "install the same version on every host"),
      CommonFact(
        "set of OpenBLAS kernels", Kernels.core,
        hint: "give all ranks what every host can run, by mpirun -x OPENBLAS_CORETYPE=Haswell"),
    ])
    let samples = dataset.info.samples
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
    rows = Lanes(samples: samples, batchSize: batchSize, rank: world.rank, of: world.size).documents
    try dataset.verify(rows, over: world)
    let shard = try world.together { [rows] in try dataset.shard(rows) }
    labels = try world.together { [rows] in try dataset.labels(rows) }
    self.dataset = dataset
    data = TrainingData(shard, samples: samples, over: world)
    kind = CorpusKind(of: data)
    record = RunRecord.Dataset(dataset.info, path: Job.absolute(path))
  }
}
