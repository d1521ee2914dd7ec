import CHost
import ClusteringMetrics
import Collectives
import Datasets
import DeepClustering
import DenseMath
import Diagnostics
import Glibc
import Report
import Runs

/// A training command at work: this rank's part of the dataset, the output folder, and the record.
final class Run {
  let dataset: DatasetFolder
  let data: TrainingData
  let folder: String
  var record: RunRecord
  private let scorer: Scorer
  private let times = PhaseTimes()
  private let progress: Progress?
  /// What the method tells of itself, in this order.
  let observers: [any TrainingObserver]
  private let start = Clock.seconds

  var world: any Communicator { data.world }

  /// Opens the dataset, checks it, and makes the output folder. Collective.
  ///
  /// - Throws: What is wrong with the dataset (65), or with the options for it (2), on every rank.
  init(
    _ command: String, data path: String, output: String, common: CommonOptions, clusters: Int?,
    over world: any Communicator
  ) throws {
    Job.isQuiet = common.quiet
    Job.useThreads(common.threads)
    let dataset = try world.together { try DatasetFolder(opening: path) }
    let sums = try world.together { try dataset.checksums(part: world.rank, of: world.size) }
    let everyones = world.allGather(sums)
    try world.together { try dataset.verify(checksums: everyones) }

    let samples = dataset.info.samples
    let batchSize = common.batchSize ?? PretrainingParameters().batchSize
    try world.together {
      if let clusters, clusters > samples {
        throw Failure.usage("--clusters \(clusters) of \(samples) documents", hint: "use fewer")
      }
      guard world.size <= min(batchSize, samples) else {
        throw Failure.usage(
          "\(world.size) ranks for minibatches of \(min(batchSize, samples)) documents",
          hint: "start fewer ranks, or raise --batch-size")
      }
    }
    let range = Lanes(
      samples: samples, batchSize: batchSize, rank: world.rank, of: world.size
    ).documents
    let shard = try world.together { try dataset.shard(range) }
    let labels = try world.together { try dataset.labels(range) }
    try world.together {
      if world.isRoot { try WholeFile.makeFolder(output, replacing: common.overwrite) }
    }

    self.dataset = dataset
    data = TrainingData(shard, samples: samples, over: world)
    folder = output
    let info = dataset.info
    let crcs = info.files.sorted { $0.key < $1.key }.map { String($0.value.crc32, radix: 16) }
    record = RunRecord(
      command: command, preset: common.preset,
      versions: RunRecord.Versions(
        dec: Version.dec, openMPI: MPICommunicator.libraryVersion,
        openBLAS: Kernels.openBLASVersion, openBLASCore: Kernels.core),
      dataset: RunRecord.Dataset(
        path: Self.absolute(path), fingerprint: crcs.joined(separator: "-"), samples: samples,
        features: info.features, nonzeros: info.nonzeros, layout: info.layout.rawValue,
        classNames: info.classNames),
      ranks: world.size, threads: Threads.count, started: Double(time(nil)))
    let scorer = Scorer(labels: labels, classCount: info.classNames.count, over: world)
    let log = try world.together {
      try MetricsLog(world.isRoot ? "\(output)/metrics.jsonl" : nil, scorer: scorer)
    }
    progress =
      world.isRoot && !common.quiet
      ? Progress(scorer: scorer, isTerminal: isatty(STDERR_FILENO) == 1) {
        Job.complain($0, newLine: false)
      } : nil
    self.scorer = scorer
    observers = [scorer, log, times] + (progress.map { [$0] } ?? [])
    Job.note(
      "\(command): \(samples) documents, \(info.features) features; preset \(common.preset.rawValue), "
        + "\(world.size) ranks of \(Threads.count) threads, OpenBLAS \(Kernels.core)")
  }

  private static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let current = getcwd(nil, 0) else { return path }
    defer { free(current) }
    return "\(String(cString: current))/\(path)"
  }

  // MARK: The work

  /// Records the settings in force, and keeps what `dec assign` needs of the dataset. Collective.
  func begin(_ dec: DEC) throws {
    record.pretraining = dec.pretraining
    record.clustering = dec.clustering
    try keepFeatures()
    try writeRecord()
  }

  /// Writes what the kept trial gave: everything but the report. Collective.
  func keep(_ result: DEC.Result) throws {
    if result.trials.count > 1 {
      record.outcome.trial = result.keptIndex + 1
      record.outcome.trials = result.trials.enumerated().map { i, trial in
        RunRecord.Trial(
          seed: trial.seed, agreement: result.agreement[i],
          initial: quality(trial.start.assignments, trial),
          final: quality(trial.outcome.final.assignments, trial))
      }
      Job.note(
        "trial \(result.keptIndex + 1) of \(result.trials.count) agrees best with the others: it is "
          + "kept")
    }
    try write(result.kept)
  }

  private func write(_ trial: DEC.Trial) throws {
    try write(trial.start.model, to: "pretrained.safetensors")
    try write(trial.start.assignments, to: "initial_assignments.npy")
    try write(trial.refined, to: "model.safetensors")
    let outcome = trial.outcome
    try writeResults(outcome.final, trial.refined)
    record.outcome.stoppedBy = outcome.settled ? "tolerance" : "max-iterations"
    record.outcome.iterations = outcome.iterations
    record.outcome.refreshes = outcome.refreshes
    record.outcome.clusterSizes = outcome.final.clusterSizes
    record.outcome.initial = quality(trial.start.assignments, trial)
    record.outcome.final = quality(outcome.final.assignments, trial)
  }

  /// Completes the record. Collective.
  func finish() throws {
    record.outcome.status = "finished"
    record.outcome.seconds = Clock.seconds - start
    record.outcome.phases = times.phases
    record.outcome.peakResidentBytes = Int(
      world.allReduce(chost_peak_resident_bytes(), by: .maximum))
    try writeRecord()
    progress?.finish()
    try world.together {
      if world.isRoot { try Report(run: folder).write() }
    }
  }

  /// The scores of clusters of this rank's documents and all others'; nil without labels. Collective.
  private func quality(_ assignments: [Int32], _ trial: DEC.Trial) -> RunRecord.Quality? {
    let clusters = trial.outcome.final.clusterSizes.count
    guard let scores = scorer.score(assignments, clusters: clusters), let acc = scores.acc,
      let nmi = scores.nmi, let ari = scores.ari
    else { return nil }
    return RunRecord.Quality(acc: acc, nmi: nmi, ari: ari)
  }
}
