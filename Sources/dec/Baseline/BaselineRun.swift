import CHost
import Collectives
import Datasets
import DeepClustering
import Diagnostics
import Glibc
import Runs

/// The state of a baseline command: the output folder and the record.
final class BaselineRun {
  var record = RunRecord()
  let writer: RunWriter
  private let input: BaselineInput
  private let start = Clock.seconds

  /// Makes the output folder and writes the record. Collective.
  ///
  /// - Throws: `Failure.usage` where the folder holds something else; `Failure.io` where it cannot
  ///   be written, is locked by another job, or is not shared by all ranks.
  init(
    _ settings: BaselineRecord, on input: BaselineInput, _ options: BaselineOptions
  ) throws {
    self.input = input
    var settings = settings
    settings.on = options.on.map(Job.absolute)
    settings.stage = input.embedding?.stage.rawValue
    settings.embeddingChecksum = input.embedding?.checksum
    record.command = "baseline \(settings.method)"
    record.baseline = settings
    record.cell = Job.cell
    record.versions = .current
    record.dataset = input.record
    record.features = RunRecord.Features(input.dataset.info)
    record.ranks = input.world.size
    record.threads = Job.threadCount
    record.started = Double(Glibc.time(nil))
    writer = try RunWriter(
      options.output, command: record.command, existing: options.overwrite ? .replaced : .nothing,
      rows: input.rows, of: input.samples, over: input.world, warn: Job.warn)
    try writer.write(record)
    try writer.keep(input.dataset)
    let (shape, ranks) = (input.embedding?.rows, input.world.size)
    Job.note(
      "\(record.command): \(input.samples) documents, "
        + "\(shape?.columns ?? input.dataset.info.features) features; \(ranks) ranks of "
        + "\(Job.threadCount) threads, OpenBLAS \(Kernels.core)")
  }

  /// Does a part of the work, and keeps the time it took.
  func time<R>(_ phase: String, _ body: () throws -> R) rethrows -> R {
    let start = Clock.seconds
    defer { add(phase, Clock.seconds - start) }
    return try body()
  }

  func add(_ phase: String, _ seconds: Double) {
    record.outcome.phases.append(
      RunRecord.Phase(phase: phase, seconds: seconds, iterations: 0, loss: nil))
    Job.note("\(phase): \(Format.time(seconds))")
  }

  /// Scores the clusters, and publishes the results. Collective.
  func finish(_ assignments: [Int32], sizes: [Int]) throws {
    let info = input.dataset.info
    let scorer = Scorer(
      labels: input.labels, classCount: info.classNames.count, over: input.world)
    if let scores = scorer.score(assignments, clusters: sizes.count), let acc = scores.acc,
      let nmi = scores.nmi, let ari = scores.ari
    {
      record.outcome.scores = RunRecord.Quality(acc: acc, nmi: nmi, ari: ari)
    }
    record.outcome.clusterSizes = sizes
    record.outcome.seconds = Clock.seconds - start
    record.outcome.peakResidentBytes = Int(
      input.world.allReduce(chost_peak_resident_bytes(), by: .maximum))
    try writer.stageClusters(assignments)
    try writer.publish(&record, dataset: input.dataset)
  }

  /// Prints the scores, the cluster sizes, and the path of the results.
  func summarize(_ name: String) {
    Run.sayScores(name, record.outcome.scores)
    Job.say(Run.describe(record.outcome.clusterSizes ?? []))
    Job.say(
      "\(Format.clock(record.outcome.seconds ?? 0)) in all; results: \(writer.folder.path)")
  }
}
