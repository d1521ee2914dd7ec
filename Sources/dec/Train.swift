import ArgumentParser
import Collectives
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
      "train", data: data, output: output, common: common, clusters: clustering.clusters,
      over: Job.world)
    // 2. The settings in force.
    let settings = pretraining.parameters(
      common, samples: run.data.samples, isSparse: run.data.isSparse)
    var dec = DEC(
      pretraining: settings,
      clustering: clustering.parameters(
        common, samples: run.data.samples, isSparse: run.data.isSparse))
    dec.initialCentroids = try clustering.readInitialCentroids(
      codeDimension: settings.layers.last!, over: run.world)
    dec.trials =
      trials ?? common.preset.trials(samples: run.data.samples, isSparse: run.data.isSparse)
    try run.begin(dec)
    // 3. Autoencoder, k-means, embedding and centroids together (Section 3).
    try run.keep(dec.fit(to: run.data, observers: run.observers))
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
    // 1. Open this rank's documents.
    let run = try Run(
      "pretrain", data: data, output: output, common: common, clusters: nil, over: Job.world)
    // 2. The stacked denoising autoencoder (Section 3.2).
    let settings = pretraining.parameters(
      common, samples: run.data.samples, isSparse: run.data.isSparse)
    run.record.pretraining = settings
    try run.writeRecord()
    let autoencoder = try Pretraining(settings).fit(to: run.data, observers: run.observers)
    // 3. The model and the record.
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
      "cluster", data: data, output: output, common: common, clusters: clustering.clusters,
      over: world)
    try world.together {
      guard pretrained.inputDimension == run.data.features else {
        throw Failure.usage(
          "\(path) takes \(pretrained.inputDimension) features, \(data) has "
            + "\(run.data.features)", hint: "pretrain on this dataset")
      }
    }
    // 3. k-means, then embedding and centroids together (Section 3.1).
    var dec = DEC(
      pretraining: nil,
      clustering: clustering.parameters(
        common, samples: run.data.samples, isSparse: run.data.isSparse))
    dec.initialCentroids = try clustering.readInitialCentroids(
      codeDimension: pretrained.codeDimension, over: world)
    try run.begin(dec)
    try run.keep(dec.fit(to: run.data, from: pretrained, observers: run.observers))
    // 4. The record, and what it says.
    try run.finish()
    run.summarize()
  }
}

extension ClusteringOptions {
  /// `--initial-centroids`; nil where not given. Collective.
  func readInitialCentroids(codeDimension: Int, over world: any Communicator) throws -> Matrix? {
    guard let path = initialCentroids else { return nil }
    return try world.together {
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
        "\(name)  ACC \(Format.fixed(quality.acc, 4))  NMI \(Format.fixed(quality.nmi, 4))  "
          + "ARI \(Format.fixed(quality.ari, 4))")
    }
    let outcome = record.outcome
    line("AE+k-means", outcome.initial)
    line("DEC       ", outcome.final)
    let sizes = (outcome.clusterSizes ?? []).map(String.init).joined(separator: " ")
    Job.say("clusters of \(sizes) documents")
    Job.say(
      "\(outcome.iterations ?? 0) iterations, \(outcome.refreshes ?? 0) refreshes, "
        + "stopped by \(outcome.stoppedBy ?? ""), \(Format.clock(outcome.seconds ?? 0)) in all")
    Job.say("results: \(folder); open \(folder)/report.html")
  }
}
