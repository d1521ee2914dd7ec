import ArgumentParser
import Collectives
import DeepClustering
import Runs

struct Baseline: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Cluster by a method that the paper compares with: k-means, LDMGI, SEC.",
    discussion: """
      Example:
        mpirun -n 2 dec baseline ldmgi data --clusters 10 --output ldmgi
        dec evaluate ldmgi
      """,
    subcommands: [BaselineKMeans.self, BaselineLDMGI.self, BaselineSEC.self])
}

/// Options of every baseline.
struct BaselineOptions: ParsableArguments {
  @Option(help: "Clusters.") var clusters: Int
  @Option(help: "Run folder to write.") var output: String
  @Option(help: "A run folder, whose embedding of the dataset takes the place of the documents.")
  var on: String?
  @Option(
    help: """
      Which embedding of --on: the one of its results (final), or that of its autoencoder before the KL phase \
      (pretrained); otherwise final where there is one.
      """) var stage: EmbeddingStage?
  @Option(help: "Seed of every random number.") var seed = 0
  @Option(help: "Starts of k-means, or of the rotation.") var restarts = 20
  @Option(help: "Threads of each rank; otherwise its cores.") var threads: Int?
  @Flag(help: "Only the results.") var quiet = false
  @Flag(help: "Replace an output folder that is not empty.") var overwrite = false

  func validate() throws {
    try require("--clusters", clusters, .positive)
    try require("--seed", seed, .notNegative)
    try require("--restarts", restarts, .range(1...10_000))
    try require("--threads", threads, .positive)
    guard stage == nil || on != nil else {
      throw ValidationError("--stage chooses an embedding of --on RUN, which is missing")
    }
  }
}

extension EmbeddingStage: ExpressibleByArgument {}

struct BaselineKMeans: JobCommand {
  static let configuration = CommandConfiguration(
    commandName: "kmeans",
    abstract: "k-means on the documents as they are, or on a run's embedding.",
    discussion: """
      Example:
        mpirun -n 2 dec baseline kmeans data --clusters 4 --output kmeans
        dec baseline kmeans data --clusters 4 --on run --stage pretrained --output ae-kmeans
      """)

  @Argument(help: "Dataset folder.") var data: String
  @OptionGroup(title: "All methods") var options: BaselineOptions

  func run(over world: any Communicator) throws {
    // 1. This rank's documents, or their embedding.
    let input = try BaselineInput(data, options, over: world)
    let documents = try input.training()
    // 2. The folder and its record.
    var settings = BaselineRecord()
    settings.method = "kmeans"
    (settings.clusters, settings.seed, settings.restarts) = (
      options.clusters, options.seed, options.restarts
    )
    let run = try BaselineRun(settings, on: input, options)
    // 3. k-means++ and Lloyd's iterations, all starts at once.
    var kMeans = KMeans(clusterCount: options.clusters)
    (kMeans.restarts, kMeans.seed) = (options.restarts, UInt64(options.seed))
    let result = try run.time("kmeans") { try kMeans.fit(documents) }
    // 4. The results and their summary.
    run.record.baseline?.inertia = result.inertia
    try run.writer.stageWhole(result.centroids, as: RunFolder.Name.centroids)
    try run.finish(result.assignments, sizes: result.clusterSizes)
    run.summarize(input.name("k-means"))
  }
}
