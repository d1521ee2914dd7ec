import ArgumentParser
import Collectives
import Datasets
import DeepClustering
import Diagnostics
import FoundationEssentials
import Runs

struct Train: JobCommand {
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
      Trials from different seeds, of which the one whose clusters agree best with the others' is kept \
      (of two, the one whose clusters explain more of the input; default: 5, from 3000 documents 1, for \
      text, else 1).
      """) var trials: Int?
  @Option(
    help: """
      Train on so many documents, drawn at random, and assign the others by the model; otherwise on all \
      (docs/sampling.md).
      """) var trainOn: Int?
  @OptionGroup(title: "Clustering") var clustering: ClusteringOptions
  @OptionGroup(title: "Pretraining") var pretraining: PretrainingOptions
  @OptionGroup(title: "All phases") var common: CommonOptions

  func validate() throws {
    try require("--trials", trials, .positive)
    try require("--train-on", trainOn, .positive)
  }

  func run(over world: any Communicator) throws {
    common.watch.start(over: world)
    if try Run.isDone("train", output, common, over: world) { return }
    // 1. Open this rank's documents.
    let input = try RunInput(
      data, common, clusters: clustering.clusters, trainOn: trainOn, over: world)
    let samples = input.training.samples
    // 2. The settings of the run.
    let settings = pretraining.parameters(
      common, samples: samples, kind: input.kind)
    var dec = DEC(
      pretraining: settings,
      clustering: clustering.parameters(
        common, samples: samples, kind: input.kind))
    try dec.readInitialCentroids(
      clustering.initialCentroids, codeDimension: settings.layers.last!, over: world)
    dec.trials = trials ?? common.preset.trials(samples: samples, kind: input.kind)
    try input.dataset.info.checkMemory(
      layers: settings.layers, optimizer: settings.optimizer, over: input.world)
    // 3. The folder and its record.
    let run = try Run(
      "train", on: input, layers: settings.layers, output: output, common: common,
      comparesBaselines: clustering.comparesBaselines(samples: input.data.samples),
      keepTop: clustering.keepTop
    ) {
      ($0.pretraining, $0.clustering, $0.trials) = (dec.pretraining, dec.clustering, dec.trials)
      $0.initialCentroids = clustering.initialCentroids.map(Job.absolute)
      $0.trainOn = trainOn
    }
    // 4. Autoencoder, k-means, embedding and centroids together (Section 3).
    try run.keep(
      dec.fit(to: input.training, resuming: run.takeState(), observers: run.observers))
    // 5. The results and their summary.
    try run.finish()
    run.summarize()
  }
}

struct Pretrain: JobCommand {
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

  func run(over world: any Communicator) throws {
    common.watch.start(over: world)
    if try Run.isDone("pretrain", output, common, over: world) { return }
    // 1. Open this rank's documents.
    let input = try RunInput(data, common, clusters: nil, over: world)
    let settings = pretraining.parameters(
      common, samples: input.data.samples, kind: input.kind)
    try input.dataset.info.checkMemory(
      layers: settings.layers, optimizer: settings.optimizer, over: input.world)
    // 2. The folder and its record.
    let run = try Run(
      "pretrain", on: input, layers: settings.layers, output: output, common: common
    ) {
      $0.pretraining = settings
    }
    // 3. The stacked denoising autoencoder (Section 3.2).
    try run.keep(
      Pretraining(settings).fit(
        to: run.data, resuming: run.takeState(), observers: run.observers))
    try run.finish()
    Job.say("pretrained autoencoder: \(output)/pretrained.safetensors")
  }
}

struct Cluster: JobCommand {
  static let configuration = CommandConfiguration(
    abstract: "k-means and the KL phase, from a pretrained autoencoder.",
    discussion: """
      Example:
        mpirun -n 2 dec cluster data --clusters 4 --model ae --output run
      Without --model, the output folder is that of dec pretrain, and its autoencoder is taken. Its
      pretrained.safetensors, its metrics and its settings in run.json stay; the clustering is added, and
      replaced only by --overwrite. The folder of dec train, or of a clustering of another model, is no
      output for this.
      """)

  @Argument(help: "Dataset folder.") var data: String
  @Option(help: "Run folder to write.") var output: String
  @Option(help: "A run folder with a pretrained autoencoder, or a .safetensors file.")
  var model: String?
  @OptionGroup(title: "Clustering") var clustering: ClusteringOptions
  @OptionGroup(title: "All phases") var common: CommonOptions

  func run(over world: any Communicator) throws {
    common.watch.start(over: world)
    if try Run.isDone("cluster", output, common, over: world) { return }
    // 1. The autoencoder: read by rank 0, the same bytes everywhere.
    let (model, bytes) = try readModel(over: world)
    let pretrained = try world.together {
      try Model(Safetensors(bytes, path: model.path), path: model.path).autoencoder
    }
    // 2. This rank's documents.
    let input = try RunInput(data, common, clusters: clustering.clusters, over: world)
    try world.together { try pretrained.requireFit(input, path: model.path) }
    var dec = DEC(
      pretraining: nil,
      clustering: clustering.parameters(
        common, samples: input.data.samples, kind: input.kind))
    try dec.readInitialCentroids(
      clustering.initialCentroids, codeDimension: pretrained.codeDimension, over: world)
    try input.dataset.info.checkMemory(
      layers: pretrained.widths, optimizer: .sgd, over: world)
    // 3. The folder and its record.
    let run = try Run(
      "cluster", on: input, layers: pretrained.widths, output: output, common: common,
      pretraining: model.pretraining,
      comparesBaselines: clustering.comparesBaselines(samples: input.data.samples),
      keepTop: clustering.keepTop
    ) {
      ($0.clustering, $0.model) = (dec.clustering, Job.absolute(model.path))
      $0.initialCentroids = clustering.initialCentroids.map(Job.absolute)
    }
    // 4. k-means, then embedding and centroids together (Section 3.1).
    try run.keep(
      dec.fit(
        to: run.data, from: pretrained, resuming: run.takeState(), observers: run.observers))
    // 5. The results and their summary.
    try run.finish()
    run.summarize()
  }

  /// The path of the autoencoder, and, if it lies in the output folder, the record of its training.
  private struct Source: Codable {
    var path: String
    var pretraining: RunRecord?
  }

  /// Collective.
  private func readModel(over world: any Communicator) throws -> (Source, [UInt8]) {
    var (bytes, place): ([UInt8], [UInt8]) = ([], [])
    try world.together {
      guard world.isRoot else { return }
      let source = try findModel()
      bytes = try WholeFile.read(source.path)
      place = Array(try JSONEncoder().encode(source))
    }
    world.broadcast(&bytes)
    world.broadcast(&place)
    return (try JSONDecoder().decode(Source.self, from: Data(place)), bytes)
  }

  private func findModel() throws -> Source {
    let run = RunFolder(output)
    var path = model ?? output
    if WholeFile.isFolder(path) { path += "/\(RunFolder.Name.pretrained)" }
    guard WholeFile.exists(path) else {
      throw Failure.usage(
        "\(path) does not exist", hint: "make a model with dec pretrain, and name it by --model")
    }
    let own = WholeFile.resolved(run.file(RunFolder.Name.pretrained))
    guard WholeFile.resolved(path) == own else {
      guard !WholeFile.resolved(path).hasPrefix(WholeFile.resolved(output) + "/") else {
        throw Failure.usage(
          "\(path) lies in the folder that is to be written", hint: "choose another --output")
      }
      return Source(path: path)
    }
    let record = try run.record()
    guard record.command != "train", record.pretraining != nil else {
      throw Failure.usage(
        "\(output) holds a run of dec \(record.command), which stays as it is",
        hint: "choose another --output, and name this one by --model")
    }
    try run.check(RunFolder.Name.pretrained, of: record)
    return Source(path: path, pretraining: record)
  }
}

extension Autoencoder {
  /// Checks that it takes the documents of an input.
  ///
  /// - Parameter path: Its file, for the message.
  func requireFit(_ input: RunInput, path: String) throws {
    guard inputDimension == input.data.features else {
      throw Failure.usage(
        "\(path) takes \(inputDimension) features, \(input.dataset.path) has "
          + "\(input.data.features)", hint: "pretrain on this dataset")
    }
  }
}
