import ArgumentParser
import Datasets
import DeepClustering
import DenseMath
import Diagnostics
import Runs

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Pretrain, initialise, cluster: the whole of the paper's method.",
    discussion: """
      Example:
        mpirun -n 2 dec train data --clusters 4 --output run
      """)

  @Argument(help: "Dataset folder.") var data: String
  @Option(help: "Run folder to write.") var output: String
  @Option(
    help: """
      Trials from different seeds, of which the one whose clusters agree best with the others' is kept; \
      otherwise 5 for small text corpora, else 1.
      """) var trials: Int?
  @OptionGroup(title: "Clustering") var clustering: ClusteringOptions
  @OptionGroup(title: "Pretraining") var pretraining: PretrainingOptions
  @OptionGroup(title: "All phases") var common: CommonOptions

  func validate() throws {
    if let trials, trials < 1 { throw ValidationError("--trials must be positive") }
  }

  func run() throws {
    // 1. Open this rank's documents.
    let run = try Run(
      "train", data: data, output: output, common: common, clusters: clustering.clusters)
    var settings = pretraining.parameters(
      common, samples: run.samples, isSparse: run.shard.isSparse)
    var refinement = clustering.parameters(
      common, samples: run.samples, isSparse: run.shard.isSparse)
    let initial = try clustering.readInitialCentroids(codeDimension: settings.layers.last!)
    let count =
      trials ?? common.preset.trials(samples: run.samples, isSparse: run.shard.isSparse)
    var done: [Run.Trial] = []
    for trial in 0..<count {
      run.trial = count > 1 ? trial + 1 : nil
      settings.seed = common.seed &+ 1_000_003 &* trial
      refinement.seed = settings.seed
      // 2. The stacked denoising autoencoder (Section 3.2).
      let autoencoder = try run.pretrain(settings)
      // 3. k-means, then embedding and centroids together (Section 3.1).
      done.append(try run.cluster(autoencoder, refinement, initial: initial))
    }
    try run.keep(done, clusters: clustering.clusters)
    // 4. The record, and what it says.
    try run.finish()
    run.summarize()
  }
}

struct Pretrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train the stacked denoising autoencoder only.",
    discussion: """
      Example:
        mpirun -n 2 dec pretrain data --output ae
        mpirun -n 2 dec cluster data --clusters 4 --model ae --output run
      """)

  @Argument(help: "Dataset folder.") var data: String
  @Option(help: "Run folder to write.") var output: String
  @OptionGroup(title: "Pretraining") var pretraining: PretrainingOptions
  @OptionGroup(title: "All phases") var common: CommonOptions

  func run() throws {
    let run = try Run("pretrain", data: data, output: output, common: common, clusters: nil)
    let autoencoder = try run.pretrain(
      pretraining.parameters(common, samples: run.samples, isSparse: run.shard.isSparse))
    try run.write(
      Model(autoencoder: autoencoder, metadata: run.metadata), to: "pretrained.safetensors")
    try run.finish()
    Job.say("pretrained autoencoder: \(output)/pretrained.safetensors")
  }
}

struct Cluster: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "k-means and the KL phase, from a pretrained autoencoder.",
    discussion: """
      Example:
        mpirun -n 2 dec cluster data --clusters 4 --model ae --output run
      Without --model, the output folder's own pretrained.safetensors is used.
      """)

  @Argument(help: "Dataset folder.") var data: String
  @Option(help: "Run folder to write.") var output: String
  @Option(help: "A run folder with a pretrained autoencoder, or a .safetensors file.")
  var model: String?
  @OptionGroup(title: "Clustering") var clustering: ClusteringOptions
  @OptionGroup(title: "All phases") var common: CommonOptions

  func run() throws {
    // 1. The autoencoder: read by rank 0, the same bytes everywhere.
    let world = Job.world
    var path = model ?? output
    var bytes: [UInt8] = try world.together {
      if WholeFile.isFolder(path) { path += "/pretrained.safetensors" }
      guard WholeFile.exists(path) || !world.isRoot else {
        throw Failure.usage(
          "\(path) does not exist", hint: "make a model with dec pretrain, and name it by --model")
      }
      return world.isRoot ? try WholeFile.read(path) : []
    }
    world.broadcast(&bytes)
    let pretrained = try world.together {
      try Model(Safetensors(bytes, path: path), path: path).autoencoder
    }
    // 2. This rank's documents. A pretrain's own folder may be clustered into.
    var common = common
    if model == nil { common.overwrite = true }
    let run = try Run(
      "cluster", data: data, output: output, common: common, clusters: clustering.clusters)
    try world.together {
      guard pretrained.inputDimension == run.dataset.info.features else {
        throw Failure.usage(
          "\(path) takes \(pretrained.inputDimension) features, \(data) has "
            + "\(run.dataset.info.features)", hint: "pretrain on this dataset")
      }
    }
    let initial = try clustering.readInitialCentroids(codeDimension: pretrained.codeDimension)
    // 3. Refine.
    let trial = try run.cluster(
      pretrained, clustering.parameters(common, samples: run.samples, isSparse: run.shard.isSparse),
      initial: initial)
    try run.keep([trial], clusters: clustering.clusters)
    try run.finish()
    run.summarize()
  }
}

extension ClusteringOptions {
  /// `--initial-centroids`; nil where not given. Collective.
  func readInitialCentroids(codeDimension: Int) throws -> Matrix? {
    guard let path = initialCentroids else { return nil }
    return try Job.world.together {
      let reader = try NPYReader(path)
      let shape = reader.header.shape
      guard shape == [clusters, codeDimension], !reader.header.isFortranOrder else {
        throw Failure.badInput(
          path, "is \(shape)", hint: "centroids are [\(clusters), \(codeDimension)] in C order")
      }
      return Matrix(
        rows: clusters, columns: codeDimension,
        elements: try reader.floats(0..<clusters * codeDimension))
    }
  }
}

extension Run {
  /// Says how it went and where the results are.
  func summarize() {
    func line(_ name: String, _ quality: RunRecord.Quality?) {
      guard let quality else { return }
      Job.say(
        "\(name)  ACC \(Text.fixed(quality.acc, 4))  NMI \(Text.fixed(quality.nmi, 4))  "
          + "ARI \(Text.fixed(quality.ari, 4))")
    }
    let outcome = record.outcome
    line("AE+k-means", outcome.initial)
    line("DEC       ", outcome.final)
    let sizes = (outcome.clusterSizes ?? []).map(String.init).joined(separator: " ")
    Job.say("clusters of \(sizes) documents")
    Job.say(
      "\(outcome.iterations ?? 0) iterations, \(outcome.refreshes ?? 0) refreshes, "
        + "stopped by \(outcome.stoppedBy ?? ""), \(Text.time(outcome.seconds ?? 0)) in all")
    Job.say("results: \(folder); open \(folder)/report.html")
  }
}
