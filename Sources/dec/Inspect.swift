import ArgumentParser
import Collectives
import Datasets
import DeepClustering
import Diagnostics
import FoundationEssentials
import Measurement

struct Inspect: JobCommand {
  static let configuration = CommandConfiguration(
    abstract: "What a dataset holds, and what a run on it would take.",
    discussion: """
      Example:
        dec inspect data
        dec inspect data --ranks 64 --json
      """)

  @Argument(help: "Dataset folder.") var data: String
  @Option(
    help:
      "Ranks of the run to estimate; otherwise 1, 2, 4, ... up to 1024 or a minibatch's documents.")
  var ranks: Int?
  @Option(help: "Ranks on each host of the estimate.") var ranksPerHost = 1
  @Option(help: "How many of the most frequent terms to show.") var terms = 12
  @Option(help: "Threads of a rank in the estimate; otherwise this process's cores.")
  var threads: Int?
  @Option(help: "Documents in a minibatch of the estimate; otherwise the preset's.")
  var batchSize: Int?
  @Option(help: "The network between the hosts of the estimate, in Gbit/s.") var gigabits = 10.0
  @Option(help: "Its latency, in microseconds.") var latency = 50.0
  @Flag(help: "Print JSON.") var json = false

  func validate() throws {
    try require("--ranks", ranks, .positive)
    try require("--ranks-per-host", ranksPerHost, .positive)
    guard ranks.map(isWhole) ?? true else {
      throw ValidationError("--ranks must be a multiple of --ranks-per-host, or fewer on one host")
    }
    try require("--threads", threads, .positive)
    try require("--batch-size", batchSize, .positive)
    try require("--gigabits", gigabits, .positive)
    try require("--latency", latency, .notNegative)
    try require("--terms", terms, .notNegative)
  }

  /// Whether `ranks` ranks fill one host in part, or several hosts completely.
  private func isWhole(_ ranks: Int) -> Bool {
    ranks <= ranksPerHost || ranks % ranksPerHost == 0
  }

  private struct Output: Encodable {
    var dataset: DatasetSummary
    var threads: Int
    var model: ScalingModel?
    var estimates: [RunEstimate]

    enum CodingKeys: String, CodingKey {
      case dataset, threads, model, estimates
    }
  }

  func run(over world: any Communicator) throws {
    Job.useThreads(threads, over: world)
    try world.together {
      guard world.isRoot else { return }
      let dataset = try DatasetFolder(opening: data)
      try dataset.verify(checksums: [dataset.checksums(of: 0..<dataset.info.samples)])
      let summary = try DatasetSummary(dataset, terms: terms)
      let batch =
        batchSize
        ?? Preset.default.pretraining(
          samples: summary.documents, kind: CorpusKind(summary)
        ).batchSize
      // Each rank needs at least one document of every minibatch.
      guard ranks ?? 1 <= batch else {
        throw Failure.usage(
          "\(ranks!) ranks for minibatches of \(batch) documents",
          hint: "estimate fewer ranks, or raise --batch-size")
      }
      var model: ScalingModel?
      if MemoryEstimate(summary).isQuicklyMeasured {
        model = try ScalingModel(
          measuring: dataset, summary, ranksPerHost: ranksPerHost,
          network: .init(latency: latency * 1e-6, bandwidth: gigabits * 1e9 / 8))
        model?.batchSize = batch
      }
      let counts =
        ranks.map { [$0] }
        ?? (0...10).map { 1 << $0 }.filter { $0 <= batch && isWhole($0) }
      let estimates = counts.map {
        RunEstimate(summary, model, ranks: $0, ranksPerHost: ranksPerHost)
      }
      if json {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let output = Output(
          dataset: summary, threads: Job.threadCount, model: model, estimates: estimates)
        Job.say(String(decoding: try encoder.encode(output), as: UTF8.self))
      } else {
        say(summary)
        say(estimates)
      }
    }
  }

  private func say(_ summary: DatasetSummary) {
    func fixed(_ value: Double, _ decimals: Int) -> String { Format.fixed(value, decimals) }
    let n = summary.documents
    Job.say(
      "documents     \(n)" + (summary.corpusDocuments > n ? " of \(summary.corpusDocuments)" : "")
        + (summary.emptyDocuments > 0 ? ", \(summary.emptyDocuments) of them empty" : ""))
    Job.say(
      "features      \(summary.features)"
        + (summary.emptyFeatures > 0 ? ", \(summary.emptyFeatures) of them in no document" : ""))
    let counts = summary.nonzerosPerDocument
    Job.say(
      "layout        \(summary.layout.rawValue), \(summary.nonzeros) values that are not 0, "
        + "\(fixed(counts.mean, 1)) a document, \(fixed(counts.least, 0)) to "
        + "\(fixed(counts.most, 0)) (density \(fixed(100 * summary.density, 2)) %)")
    let norms = summary.norms
    Job.say(
      "(1/d)|x|^2    mean \(fixed(norms.mean, 4)), \(fixed(norms.least, 4)) to "
        + "\(fixed(norms.most, 4))" + (summary.scale.map { "; values were scaled by \($0)" } ?? ""))
    if !summary.classes.isEmpty {
      let shares = summary.classes.prefix(20).map {
        "\($0.name) \($0.documents) (\(fixed(100 * $0.share, 1)) %)"
      }
      Job.say(
        "labels        \(summary.labelled) of \(n) in \(summary.classes.count) classes: "
          + shares.joined(separator: ", ") + (summary.classes.count > 20 ? " ..." : ""))
    }
    if !summary.terms.isEmpty {
      let words = summary.terms.map { "\($0.term) \($0.documentFrequency)" }
      Job.say("terms         by documents: " + words.joined(separator: ", "))
    }
    if let text = summary.text {
      Job.say(
        "text          \(text.stems ? "\(text.language) stems" : "not stemmed"), "
          + "\(text.minimumLength) characters or more, \(text.stopWords.count) stop words, in at most "
          + "\(fixed(100 * text.maximumDocumentFrequency, 0)) % of the documents, "
          + text.weight.rawValue)
    }
    Job.say("on disk       \(Self.size(summary.bytes)), from \(summary.source.prefix(200))")
  }

  private func say(_ estimates: [RunEstimate]) {
    let isMeasured = estimates.contains { $0.refreshSeconds != nil }
    Job.say(
      "\nA run of the default preset, "
        + (isMeasured ? "by steps measured now" : "which is too large to be timed at once")
        + ": ranks of \(Job.threadCount) threads, "
        + "\(ranksPerHost) a host, "
        + "\(Format.fixed(gigabits, 0)) Gbit/s and \(Format.fixed(latency, 0)) us between them:")
    func line(_ cells: [String]) -> String {
      cells.map { String(repeating: " ", count: max(0, 14 - $0.count)) + $0 }.joined()
    }
    Job.say(line(["ranks", "memory/rank", "pretraining", "epoch of KL", "a refresh"]))
    for estimate in estimates {
      Job.say(
        line([
          "\(estimate.ranks)", Self.size(estimate.memoryBytes),
          Self.time(estimate.pretrainingSeconds), Self.time(estimate.epochSeconds),
          Self.time(estimate.refreshSeconds),
        ]))
    }
  }

  private static func size(_ bytes: Int) -> String {
    let mb = Double(bytes) / 1e6
    return mb < 10_000
      ? "\(Format.fixed(mb, mb < 10 ? 1 : 0)) MB" : "\(Format.fixed(mb / 1000, 1)) GB"
  }

  private static func time(_ seconds: Double?) -> String {
    guard let seconds else { return "-" }
    return time(seconds)
  }

  private static func time(_ seconds: Double) -> String {
    seconds < 100 ? "\(Format.fixed(seconds, seconds < 1 ? 3 : 1)) s" : Format.clock(seconds)
  }
}
