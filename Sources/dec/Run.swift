import CHost
import Collectives
import Datasets
import DeepClustering
import Diagnostics
import Glibc
import Measurement
import ModelSelection
import Report
import Runs

extension RunRecord.Versions {
  /// Those of this program and its libraries.
  static var current: Self {
    Self(
      dec: Version.dec, openMPI: MPICommunicator.libraryVersion,
      openBLAS: Kernels.openBLASVersion, openBLASCore: Kernels.core)
  }
}

/// The state of a training command: the output folder, the record, and the observers.
final class Run {
  let input: RunInput
  var record: RunRecord
  private let writer: RunWriter
  /// The record of the pretraining in the output folder that is clustered in place; nil otherwise.
  private let pretraining: RunRecord?
  /// Scores of the documents trained on, and of all.
  private let scorer: Scorer
  private let finalScorer: Scorer
  private let times: PhaseTimes
  private let checkpointer: Checkpointer
  private var checkpoint: Checkpoint?
  private let progress: Progress?
  /// The observers of the training, in the order in which they are notified.
  let observers: [any TrainingObserver]
  /// What the clusters are about, and the mean probabilities of their documents; on rank 0 only,
  /// and empty until the report is written.
  private(set) var topics: [Topic] = []
  private(set) var meanProbabilities: [Double] = []
  private let start: Double
  private let comparesBaselines: Bool
  private let keepTop: Int

  var folder: RunFolder { writer.folder }
  var world: any Communicator { input.world }
  var data: TrainingData { input.data }

  /// Makes the output folder and writes the record, or goes on with the run that it holds.
  /// Collective.
  ///
  /// - Parameters:
  ///   - layers: The widths of the encoder's layers, for the estimate of disk space.
  ///   - pretraining: The record in the output folder if it is the folder of the pretraining that
  ///     is to be clustered; nil otherwise.
  ///   - settings: Stores the settings of the run in the record.
  /// - Throws: `Failure.usage` where the folder holds something else; `Failure.io` where it cannot
  ///   be written, is locked by another job, or is not shared by all ranks.
  init(
    _ command: String, on input: RunInput, layers: [Int], output: String, common: CommonOptions,
    pretraining: RunRecord? = nil, comparesBaselines: Bool = false, keepTop: Int = 10,
    settings: (inout RunRecord) -> Void
  ) throws {
    let world = input.world
    self.comparesBaselines = comparesBaselines
    self.keepTop = keepTop
    self.input = input
    self.pretraining = pretraining
    // 1. The record, and the folder.
    record = Self.record(command, on: input, common, pretraining)
    settings(&record)
    if record.clustering != nil {
      (record.comparesBaselines, record.keepTop) = (comparesBaselines, keepTop)
    }
    let isUnfinished = try Self.takeUp(&record, in: output, common, over: world)
    writer = try RunWriter(
      output, command: command,
      existing: Self.existing(isUnfinished, inPlace: pretraining != nil, common),
      rows: input.rows, of: input.data.samples, over: world, warn: Job.warn)
    if !isUnfinished { try Self.space(record, input, layers).check(output, over: world) }
    Interruption.deferStops()
    checkpoint = writer.takeCheckpoint()
    try writer.write(record)
    try writer.keep(input.dataset)

    // 2. What observes the training.
    let info = input.dataset.info
    let course = checkpoint?.course
    let start = Clock.seconds - (course?.elapsedSeconds ?? 0)
    self.start = start
    let classCount = info.classNames.count
    let scorer = Scorer(labels: input.trainingLabels, classCount: classCount, over: world)
    finalScorer = Scorer(labels: input.labels, classCount: classCount, over: world)
    let log = try world.together { [folder = writer.folder] in
      try MetricsLog(
        world.isRoot ? folder.file(RunFolder.Name.metrics) : nil, scorer: scorer,
        elapsedSeconds: course?.elapsedSeconds ?? 0)
    }
    let times = course.map { PhaseTimes(resuming: $0.times) } ?? PhaseTimes()
    self.times = times
    let early = EarlyResults(
      into: writer, metadata: Self.metadata(record), keepsAutoencoder: pretraining != nil,
      coversAll: record.trainOn == nil)
    checkpointer = Checkpointer(
      in: writer.checkpoints, of: writer.folder, everyMinutes: common.checkpointMinutes,
      resuming: checkpoint?.state.header, over: world
    ) {
      RunCourse(
        metricsBytes: log.bytes, elapsedSeconds: Clock.seconds - start, times: times.standing)
    }
    let status = StatusReporter(
      writer.folder, checkpoints: writer.checkpoints,
      from: checkpoint?.state.header.phase ?? (command == "cluster" ? nil : .layerwise(stage: 1)),
      clusters: record.clustering != nil, showsProgress: world.isRoot)
    progress = world.isRoot && !common.quiet ? Self.progress(scorer) : nil
    self.scorer = scorer
    observers =
      [scorer, log, times] + (progress.map { [$0] } ?? []) + [early, checkpointer, status]
    Job.note(
      "\(command): \(info.samples) documents, \(info.features) features; preset "
        + "\(common.preset.rawValue), \(world.size) ranks of \(Job.threadCount) threads, OpenBLAS "
        + Kernels.core
        + (record.trials.flatMap { $0 > 1 ? $0 : nil }.map {
          "; \($0) trials from different seeds, of which one is kept"
        } ?? ""))
    if isUnfinished {
      Job.note(checkpoint?.state.header.standing ?? "there is no checkpoint: begins anew")
    }
  }

  private static func existing(
    _ isUnfinished: Bool, inPlace: Bool, _ common: CommonOptions
  ) -> RunWriter.Existing {
    if isUnfinished { return .unfinished(inPlace: inPlace) }
    if inPlace { return .pretraining(replacing: common.overwrite) }
    return common.overwrite ? .replaced : .nothing
  }

  /// The disk space that a run takes.
  private static func space(
    _ record: RunRecord, _ input: RunInput, _ layers: [Int]
  ) -> SpaceEstimate {
    let info = input.dataset.info
    return SpaceEstimate(
      samples: info.samples, features: info.features, layers: layers,
      clusters: record.clustering?.clusterCount,
      moments: record.pretraining?.optimizer == .adam ? 2 : 1, trials: record.trials ?? 1)
  }

  private static func progress(_ scorer: Scorer) -> Progress {
    Progress(scorer: scorer, isTerminal: isatty(STDERR_FILENO) == 1) {
      Job.write(error: $0)
    }
  }

  /// Where the training goes on, once; nil where it begins.
  func takeState() -> TrainingState? {
    defer { checkpoint = nil }
    return checkpoint?.state
  }

  private static func record(
    _ command: String, on input: RunInput, _ common: CommonOptions, _ pretraining: RunRecord?
  ) -> RunRecord {
    var record = RunRecord()
    record.command = command
    record.cell = Job.cell
    record.preset = common.preset
    record.versions = .current
    record.dataset = input.record
    record.features = RunRecord.Features(input.dataset.info)
    record.ranks = input.world.size
    record.threads = Job.threadCount
    record.started = Double(time(nil))
    record.checkpointMinutes = common.checkpointMinutes
    if let pretraining {
      let name = RunFolder.Name.pretrained
      record.pretraining = pretraining.pretraining
      record.outcome.phases = pretraining.outcome.phases.filter(\.isPretraining)
      record.outcome.files[name] = pretraining.outcome.files[name]
    }
    return record
  }

  // MARK: Results

  private static func metadata(_ record: RunRecord) -> [String: String] {
    [
      "format": "dec-model", "preset": record.preset.rawValue, "dataset": record.dataset.path,
      "dataset_fingerprint": record.dataset.fingerprint,
    ]
  }

  /// Stages a pretrained autoencoder. Collective.
  func keep(_ autoencoder: Autoencoder) throws {
    try writer.stage(
      Model(autoencoder: autoencoder, metadata: Self.metadata(record)),
      as: RunFolder.Name.pretrained)
  }

  /// Stages what `dec choose-k` found. Collective.
  func keep(_ selection: Selection) throws {
    let dataset = input.record.path.split(separator: "/").last.map(String.init) ?? ""
    try writer.stage(try selection.json(), as: RunFolder.Name.selection)
    try writer.stage(
      Array(SelectionPage(selection, dataset: dataset).html.utf8),
      as: RunFolder.Name.selectionPage)
  }

  /// Ends the job between two parts of the work where a signal has asked for it. Collective.
  func stopIfAsked() throws { try checkpointer.stopIfAsked() }

  /// Stages the results of the kept trial, and completes the record. Collective.
  func keep(_ result: DEC.Result) throws {
    try checkpointer.stopIfAsked()
    let k = result.kept.outcome.final.clusterSizes.count
    if result.trials.count > 1 {
      record.outcome.trial = result.keptIndex + 1
      record.outcome.trials = result.trials.enumerated().map { i, trial in
        RunRecord.Trial(
          seed: trial.seed, agreement: result.agreement[i],
          initial: quality(trial.start.assignments, by: scorer, clusters: k),
          final: quality(trial.outcome.final.assignments, by: scorer, clusters: k))
      }
      Job.note(
        "trial \(result.keptIndex + 1) of \(result.trials.count) "
          + (result.trials.count > 2
            ? "agrees best with the others: it is kept"
            : "explains more of the documents' directions: it is kept"))
    }
    // A model of a sample assigns all documents.
    try keep(record.trainOn == nil ? result.kept : result.kept.applied(to: data), clusterCount: k)
  }

  private func keep(_ trial: DEC.Trial, clusterCount k: Int) throws {
    typealias Name = RunFolder.Name
    // A pretraining that is clustered in place keeps its autoencoder unchanged.
    if pretraining == nil { try writer.stage(named(trial.start.model), as: Name.pretrained) }
    try writer.stage(trial.start.assignments, as: Name.initialAssignments)
    try writer.stage(named(trial.refined), as: Name.model)
    let outcome = trial.outcome
    try writer.stage(outcome.final, keepTop: keepTop)
    record.outcome.stoppedBy = outcome.ending.rawValue
    record.outcome.collapse = outcome.collapse
    record.outcome.warning = outcome.warning
    if !trial.attempts.isEmpty {
      record.outcome.attempts = trial.attempts.map(RunRecord.Attempt.init)
    }
    record.outcome.iterations = outcome.iterations
    record.outcome.refreshes = outcome.refreshes
    record.outcome.clusterSizes = outcome.final.clusterSizes
    record.outcome.initial = quality(trial.start.assignments, by: finalScorer, clusters: k)
    record.outcome.final = quality(outcome.final.assignments, by: finalScorer, clusters: k)
    try addBaselines(clusterCount: k)
  }

  /// Scores what a person would try first, where that is wanted and there are labels. Collective.
  private func addBaselines(clusterCount: Int) throws {
    guard comparesBaselines, record.outcome.final != nil else { return }
    var baselines = Baselines(clusterCount: clusterCount)
    baselines.seed = UInt64(record.clustering?.seed ?? 0)
    record.outcome.baselines = RunRecord.Baselines(
      kMeans: quality(
        try baselines.clustersOfInput(data), by: finalScorer, clusters: clusterCount),
      lsaKMeans: quality(
        try baselines.clustersOfDirections(data), by: finalScorer, clusters: clusterCount))
  }

  private func named(_ model: Model) -> Model {
    var model = model
    model.metadata = Self.metadata(record)
    return model
  }

  /// Publishes the results and the record, and writes the report. Collective.
  func finish() throws {
    ProcessStatus.enter("the writing of results")
    let earlier = record.outcome.phases
    record.outcome.phases += times.phases
    record.outcome.seconds = earlier.reduce(Clock.seconds - start) { $0 + $1.seconds }
    record.outcome.peakResidentBytes = Int(
      world.allReduce(chost_peak_resident_bytes(), by: .maximum))
    try writer.publish(&record, dataset: input.dataset)
    progress?.finish()
    try world.together {
      guard world.isRoot else { return }
      let report = try Report(run: writer.folder.path)
      try report.write()
      (topics, meanProbabilities) = (report.topics, report.meanProbabilities)
    }
  }

  /// The scores of the clusters over the documents of all ranks; nil if the dataset has no labels.
  /// Collective.
  private func quality(
    _ assignments: [Int32], by scorer: Scorer, clusters: Int
  ) -> RunRecord.Quality? {
    guard let scores = scorer.score(assignments, clusters: clusters), let acc = scores.acc,
      let nmi = scores.nmi, let ari = scores.ari
    else { return nil }
    return RunRecord.Quality(acc: acc, nmi: nmi, ari: ari)
  }
}
