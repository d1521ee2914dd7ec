import ArgumentParser
import Collectives
import Diagnostics
import Runs
import SpectralClustering

struct BaselineLDMGI: JobCommand {
  static let configuration = CommandConfiguration(
    commandName: "ldmgi",
    abstract: "LDMGI: local discriminant models and global integration (Yang et al. 2010).",
    discussion: """
      Example:
        mpirun -n 2 dec baseline ldmgi data --clusters 10 --output ldmgi
        dec baseline ldmgi data --clusters 10 --lambda 100 --neighbours-of ldmgi --output ldmgi-100
      docs/baselines.md has what is computed, and the traps.
      """)

  @Argument(help: "Dataset folder.") var data: String
  @Option(help: "Regularisation of the local models, in units of squared distances.")
  var lambda = 1e-4
  @OptionGroup(title: "Spectral methods") var spectral: SpectralOptions
  @OptionGroup(title: "All methods") var options: BaselineOptions

  func validate() throws {
    try require("--lambda", lambda, .positive)
    try require("--neighbours", spectral.neighbours, .range(2...1000))
  }

  func run(over world: any Communicator) throws {
    var method = LDMGI(spectral.parameters(options))
    method.lambda = lambda
    var settings = BaselineRecord(method: "ldmgi", method.parameters)
    settings.lambda = lambda
    let run = try SpectralRun(
      settings, data, options, spectral, wanted: spectral.neighbours - 1, mu: nil, over: world)
    let forms = run.base.time("cliques") {
      CliqueForms(of: run.data, run.neighbours, size: spectral.neighbours)
    }
    let result = try method.fit(run.data, run.neighbours, forms)
    run.base.record.baseline?.lambdaInForce = result.settingInForce
    try run.finish(result, name: "LDMGI")
  }
}

struct BaselineSEC: JobCommand {
  static let configuration = CommandConfiguration(
    commandName: "sec",
    abstract: "SEC: spectral embedded clustering (Nie et al. 2011).",
    discussion: """
      Example:
        mpirun -n 2 dec baseline sec data --clusters 10 --output sec
        dec baseline sec data --clusters 10 --mu 1 --neighbours-of sec --output sec-1
      docs/baselines.md has what is computed, and the traps.
      """)

  @Argument(help: "Dataset folder.") var data: String
  @Option(help: "Weight of the regression on the documents; 0 for the normalised cut.")
  var mu = 1e-4
  @Option(help: "Ridge of the regression.") var gamma = 1.0
  @Option(help: "Weights of the graph's edges: self-tuned, binary or gaussian.")
  var weights: EdgeWeight = .selfTuned
  @OptionGroup(title: "Spectral methods") var spectral: SpectralOptions
  @OptionGroup(title: "All methods") var options: BaselineOptions

  func validate() throws {
    try require("--mu", mu, .notNegative)
    try require("--gamma", gamma, .positive)
  }

  func run(over world: any Communicator) throws {
    var method = SEC(spectral.parameters(options))
    (method.mu, method.gamma, method.weight) = (mu, gamma, weights)
    var settings = BaselineRecord(method: "sec", method.parameters)
    (settings.mu, settings.gamma, settings.weights) = (mu, gamma, weights.rawValue)
    let run = try SpectralRun(
      settings, data, options, spectral, wanted: spectral.neighbours, mu: mu, over: world)
    try run.finish(method.fit(run.data, run.neighbours), name: "SEC")
  }
}

/// What the spectral commands have in common: documents, neighbours, results.
struct SpectralRun {
  let base: BaselineRun
  let data: SpectralData
  let neighbours: Neighbours
  private let input: BaselineInput

  /// Neighbours that are kept of each document, so that other settings find enough.
  private static let keptNeighbours = 10

  /// Opens the dataset, makes the folder, and searches the neighbours, unless an earlier run has.
  /// Collective.
  ///
  /// - Parameters:
  ///   - wanted: Neighbours of each document that the method needs.
  ///   - mu: SEC's μ; nil for LDMGI.
  init(
    _ settings: BaselineRecord, _ path: String, _ options: BaselineOptions,
    _ spectral: SpectralOptions, wanted: Int, mu: Double?, over world: any Communicator
  ) throws {
    // 1. The documents, which every rank sees whole.
    let input = try BaselineInput(path, options, over: world)
    let data = try input.spectral()
    try world.together {
      guard wanted < data.samples else {
        throw Failure.usage("--neighbours \(spectral.neighbours) of \(data.samples) documents")
      }
    }
    // 2. What an earlier run has found.
    let count = min(max(wanted, Self.keptNeighbours), data.samples - 1)
    let kept = try spectral.kept(input, options, count: wanted)
    let memory = SpectralMemory(of: data, spectral.parameters(options), mu: mu)
    try spectral.approve(memory, seconds: nil, over: world)
    // 3. The folder and its record.
    let base = try BaselineRun(settings, on: input, options)
    // 4. The neighbours.
    if let kept {
      neighbours = kept
      Job.note("neighbours: those of an earlier run")
    } else {
      var search = NeighbourSearch(count: count)
      search.approve = { try spectral.approve(memory, seconds: $0, over: world) }
      neighbours = try base.time("neighbours") { try search.neighbours(of: data) }
    }
    (self.base, self.data, self.input) = (base, data, input)
  }

  /// Writes the results and prints their summary. Collective.
  func finish(_ result: SpectralResult, name: String) throws {
    typealias Name = RunFolder.Name
    base.add("eigenvectors", result.seconds.eigenvectors)
    base.add("clusters", result.seconds.clusters)
    base.record.baseline?.firstEigenvector = result.firstEigenvector
    base.record.baseline?.components = result.componentCount
    base.record.baseline?.products = result.products
    if result.componentCount > result.embedding.columns {
      Job.warn(
        "the graph of neighbours has \(result.componentCount) components, more than clusters: which "
          + "of them make a cluster is arbitrary; raise --neighbours")
    }
    try base.writer.stage(result.embedding, as: Name.embedding)
    try base.writer.stage(result.eigenvalues, as: Name.eigenvalues)
    try base.writer.stage(neighbours)
    try base.finish(result.assignments, sizes: result.clusterSizes)
    base.summarize(input.name(name))
  }
}
