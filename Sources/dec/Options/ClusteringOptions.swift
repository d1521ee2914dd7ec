import ArgumentParser
import DeepClustering

extension CodeChoice: ExpressibleByArgument {}

/// Options of k-means and the KL phase.
struct ClusteringOptions: ParsableArguments {
  @Option(help: "Clusters, k.")
  var clusters: Int

  @Option(
    help: """
      Iterations between two refreshes of the target, λ; 0 for once an epoch (default: 1 epoch, 50 to 200, for \
      text and embeddings; 1 epoch, 50 to 500, for others; paper: 40).
      """)
  var updateInterval: Int?

  @Option(
    help: """
      Stop when a smaller share of the documents changes cluster between refreshes (default: 0.001).
      """)
  var tolerance: Double?

  @Option(
    help: """
      Most iterations of the KL phase; 0 for no limit (default: 1000 for text and embeddings; pictures: 28 \
      epochs, at most 14000; vectors: 20 epochs, at most 10000; paper: 0).
      """)
  var maxIterations: Int?

  @Option(help: "Learning rate of the KL phase (default: 0.01).")
  var learningRate: Double?

  @Option(
    help: """
      Starts of k-means (default: 20; fewer where documents times clusters are over 50 million).
      """)
  var restarts: Int?

  @Option(
    help: """
      What is clustered: the raw code, its direction only (unit), or the one whose clusters agree best with \
      the input's (best) (default: best for text, else raw).
      """)
  var code: CodeChoice?

  @Option(
    help: """
      Root-mean-square distance to the centroids that the code is scaled to; 0: as it is (default: 1; paper: \
      0).
      """)
  var codeScale: Double?

  @Option(
    help: """
      Exponent of the cluster frequency in the target distribution (default: 0 for text, else 1).
      """)
  var frequencyExponent: Double?

  @Option(
    help: """
      Exponent of a second attempt, where the first moves the clusters away from the data; none where \
      --frequency-exponent is given alone (default: 1 for text, else none).
      """)
  var fallbackExponent: Double?

  @Option(help: "Dropout of the inputs in the KL phase (default: 0).")
  var clusterCorruption: Double?

  @Option(
    help: """
      Whether the KL phase goes back to the refresh before, and ends, where clusters double, halve or swallow \
      the others: true or false (default: true; paper: false).
      """)
  var collapseGuard: Bool?

  @Flag(help: "Let only the centroids learn (\"DEC w/o backprop\").")
  var freezeEncoder = false

  @Option(
    help: """
      Whether k-means on the input, and on latent semantic analysis, are scored beside the result, where there \
      are labels: true or false; otherwise below 50,000 documents.
      """)
  var baselines: Bool?

  @Option(help: "Centroids to start from, [clusters, code], in place of k-means.")
  var initialCentroids: String?

  @Option(
    help: """
      Documents, evenly spaced, that k-means sees; 0 for all; otherwise all where documents times clusters are \
      below 50 million, and a sample where they are more.
      """)
  var kmeansSample: Int?

  @Option(
    help: "Most probable clusters of each document that are written, where there are over 100.")
  var keepTop = 10

  func validate() throws {
    try require("--clusters", clusters, .positive)
    try require("--update-interval", updateInterval, .notNegative)
    try require("--max-iterations", maxIterations, .notNegative)
    try require("--restarts", restarts, .positive)
    try require("--kmeans-sample", kmeansSample, .notNegative)
    try require("--keep-top", keepTop, .positive)
    try require("--learning-rate", learningRate, .positive)
    try require("--tolerance", tolerance, .share)
    try require("--code-scale", codeScale, .notNegative)
    try require("--frequency-exponent", frequencyExponent, .finite)
    try require("--fallback-exponent", fallbackExponent, .finite)
    try require("--cluster-corruption", clusterCorruption, .rate)
  }

  func comparesBaselines(samples: Int) -> Bool { baselines ?? (samples < 50_000) }

  func parameters(
    _ common: CommonOptions, samples: Int, kind: CorpusKind
  ) -> ClusteringParameters {
    var p = common.preset.clustering(
      clusterCount: clusters, samples: samples, kind: kind)
    p.seed = common.seed
    p.batchSize = common.batchSize ?? p.batchSize
    p.momentum = common.momentum ?? p.momentum
    p.biasRate = common.biasRate ?? p.biasRate
    p.shuffles = common.shuffle ?? p.shuffles
    p.augments = common.augment ?? p.augments
    p.wirePrecision = common.wirePrecision
    p.isReproducible =
      common.reproducible ?? (p.isReproducible && common.wirePrecision == .float32)
    if let updateInterval {
      p.targetUpdateInterval = updateInterval == 0 ? nil : updateInterval
    }
    if let maxIterations { p.maxIterations = maxIterations == 0 ? nil : maxIterations }
    p.labelChangeTolerance = tolerance ?? p.labelChangeTolerance
    p.learningRate = learningRate ?? p.learningRate
    p.restarts = restarts ?? p.restarts
    if let kmeansSample { p.initialSample = kmeansSample == 0 ? nil : max(kmeansSample, clusters) }
    p.code = code ?? p.code
    p.codeScale = codeScale ?? p.codeScale
    if let frequencyExponent {
      // The one that is asked for, and no other.
      (p.frequencyExponent, p.fallbackExponent) = (frequencyExponent, nil)
    }
    p.fallbackExponent = fallbackExponent ?? p.fallbackExponent
    p.corruption = clusterCorruption ?? p.corruption
    p.stopsAtCollapse = collapseGuard ?? p.stopsAtCollapse
    p.freezesEncoder = freezeEncoder
    return p
  }
}
