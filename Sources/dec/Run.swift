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
  /// The documents of this rank's lanes.
  let shard: Shard
  /// n, over all ranks.
  let samples: Int
  let folder: String
  var record: RunRecord
  /// Of this rank's documents; nil where the dataset has none.
  private let labels: [Int32]?
  private let recorder: Recorder
  /// The trial at work, from 1; nil where there is but one.
  var trial: Int?
  private let start = Clock.seconds

  /// Opens the dataset, checks it, and makes the output folder. Collective.
  ///
  /// - Throws: What is wrong with the dataset (65), or with the options for it (2), on every rank.
  init(
    _ command: String, data: String, output: String, common: CommonOptions, clusters: Int?
  ) throws {
    Job.isQuiet = common.quiet
    Job.useThreads(common.threads)
    let world = Job.world
    let dataset = try world.together { try DatasetFolder(opening: data) }
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
    shard = try world.together { try dataset.shard(range) }
    labels = try world.together { try dataset.labels(range) }
    try world.together {
      if world.isRoot { try WholeFile.makeFolder(output, replacing: common.overwrite) }
    }

    self.dataset = dataset
    self.samples = samples
    folder = output
    let info = dataset.info
    let crcs = info.files.sorted { $0.key < $1.key }.map { String($0.value.crc32, radix: 16) }
    record = RunRecord(
      command: command, preset: common.preset,
      versions: RunRecord.Versions(
        dec: Version.dec, openMPI: MPICommunicator.libraryVersion,
        openBLAS: Kernels.openBLASVersion, openBLASCore: Kernels.core),
      dataset: RunRecord.Dataset(
        path: Self.absolute(data), fingerprint: crcs.joined(separator: "-"), samples: samples,
        features: info.features, nonzeros: info.nonzeros, layout: info.layout.rawValue,
        classNames: info.classNames),
      ranks: world.size, threads: Threads.count, started: Double(time(nil)))
    recorder = try world.together { try Recorder(folder: output, samples: samples) }
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

  /// The observer of every phase: scores, records and shows. Collective.
  func observe(_ event: TrainingEvent) {
    var event = event
    event.trial = trial
    let scores = event.assignments.flatMap { score($0, clusters: event.clusterSizes!.count) }
    recorder.record(event, scores, documentsOfAllRanks: event.documents)
  }

  /// Scores assignments over all ranks; nil without labels. Collective.
  func score(_ assignments: [Int32], clusters: Int) -> Scores? {
    // Ranks agree on whether there are labels: the file is there for all.
    guard let labels, !dataset.info.classNames.isEmpty else { return nil }
    var table = Contingency(
      labels: labels, assignments: assignments, clusters: clusters,
      classes: dataset.info.classNames.count)
    Job.world.allReduce(&table.counts)
    return table.samples > 0 ? Scores(table) : nil
  }

  /// Pretrains a new autoencoder. Collective.
  func pretrain(_ parameters: PretrainingParameters) throws -> Autoencoder {
    record.pretraining = parameters
    try writeRecord()
    return try Pretraining(parameters).fit(
      to: shard, samples: samples, over: Job.world, observe: observe)
  }

  /// What one autoencoder led to.
  struct Trial {
    var seed: Int
    /// After k-means, scaled, with the centroids.
    var initial: Model
    var initialAssignments: [Int32]
    var initialQuality: RunRecord.Quality?
    /// After the KL phase.
    var refined: Model
    var outcome: ClusteringPhase.Outcome
    var quality: RunRecord.Quality?
  }

  /// k-means on the code, then the KL phase. Collective.
  func cluster(
    _ autoencoder: Autoencoder, _ parameters: ClusteringParameters, initial: Matrix?
  ) throws -> Trial {
    record.clustering = parameters
    try keepFeatures()
    try writeRecord()
    let world = Job.world
    var model = Model(autoencoder: autoencoder, metadata: metadata)

    // 1. Centroids of the code.
    var means = KMeans(clusterCount: parameters.clusterCount)
    means.restarts = parameters.restarts
    means.seed = UInt64(parameters.seed)
    let first = shard.range.lowerBound
    let start: KMeans.Result
    if let initial {
      start = try means.assign(
        autoencoder.encoder.embed(shard), to: initial, first: first, samples: samples, over: world)
    } else {
      start = try means.fit(
        autoencoder.encoder.embed(shard), first: first, samples: samples, over: world)
    }
    var centroids = start.centroids
    var event = TrainingEvent(phase: "kmeans", iteration: 0)
    event.loss = start.inertia / Double(samples)
    event.clusterSizes = start.clusterSizes
    event.assignments = start.assignments
    event.documents = samples
    observe(event)

    // 2. The code at the Student kernel's scale.
    let distance = (start.inertia / Double(samples)).squareRoot()
    if parameters.codeScale > 0, distance > 0 {
      let factor = Float(parameters.codeScale / distance)
      model.autoencoder.scaleCode(by: factor)
      centroids.scale(by: factor)
    }
    model.centroids = centroids

    // 3. Refine.
    var refined = model
    let outcome = try ClusteringPhase(parameters).fit(
      &refined.autoencoder.encoder, &centroids, to: shard, samples: samples, over: world,
      observe: observe)
    refined.centroids = centroids
    let k = parameters.clusterCount
    return Trial(
      seed: parameters.seed, initial: model, initialAssignments: start.assignments,
      initialQuality: quality(score(start.assignments, clusters: k)), refined: refined,
      outcome: outcome, quality: quality(score(outcome.final.assignments, clusters: k)))
  }

  /// Writes what the best of `trials` gave: everything but the report. Collective.
  func keep(_ trials: [Trial], clusters: Int) throws {
    let best = mostAgreeing(trials, clusters: clusters)
    record.pretraining?.seed = trials[0].seed
    record.clustering?.seed = trials[0].seed
    if trials.count > 1 {
      record.outcome.trial = best + 1
      Job.note(
        "trial \(best + 1) of \(trials.count) agrees best with the others: it is kept")
    }
    try write(trials[best])
  }

  /// Of several trials the one whose clusters agree best with the others': the largest mean NMI between
  /// its assignments and theirs, the first of equals. No labels take part. Collective.
  private func mostAgreeing(_ trials: [Trial], clusters: Int) -> Int {
    guard trials.count > 1 else { return 0 }
    var agreement = [Double](repeating: 0, count: trials.count)
    for a in trials.indices {
      for b in 0..<a {
        var table = Contingency(
          labels: trials[a].outcome.final.assignments,
          assignments: trials[b].outcome.final.assignments, clusters: clusters, classes: clusters)
        Job.world.allReduce(&table.counts)
        let shared = (normalizedMutualInformation(table) ?? 0) / Double(trials.count - 1)
        agreement[a] += shared
        agreement[b] += shared
      }
    }
    record.outcome.trials = trials.indices.map {
      RunRecord.Trial(
        seed: trials[$0].seed, agreement: agreement[$0], initial: trials[$0].initialQuality,
        final: trials[$0].quality)
    }
    return agreement.firstIndex(of: agreement.max()!)!
  }

  private func write(_ trial: Trial) throws {
    try write(trial.initial, to: "pretrained.safetensors")
    try write(trial.initialAssignments, to: "initial_assignments.npy")
    try write(trial.refined, to: "model.safetensors")
    let outcome = trial.outcome
    try writeResults(outcome.final, trial.refined)
    record.outcome.stoppedBy = outcome.settled ? "tolerance" : "max-iterations"
    record.outcome.iterations = outcome.iterations
    record.outcome.refreshes = outcome.refreshes
    record.outcome.clusterSizes = outcome.final.clusterSizes
    record.outcome.initial = trial.initialQuality
    record.outcome.final = trial.quality
  }

  /// Completes the record. Collective.
  func finish() throws {
    record.outcome.status = "finished"
    record.outcome.seconds = Clock.seconds - start
    record.outcome.phases = recorder.phases
    record.outcome.peakResidentBytes = Int(
      Job.world.allReduce(chost_peak_resident_bytes(), by: .maximum))
    try writeRecord()
    recorder.finish()
    try Job.world.together {
      if Job.world.isRoot { try Report(run: folder).write() }
    }
  }

  private func quality(_ scores: Scores?) -> RunRecord.Quality? {
    guard let scores, let acc = scores.acc, let nmi = scores.nmi, let ari = scores.ari else {
      return nil
    }
    return RunRecord.Quality(acc: acc, nmi: nmi, ari: ari)
  }
}

/// Seconds of a clock that never goes back.
enum Clock {
  static var seconds: Double { Double(chost_now()) * 1e-9 }
}
