import Datasets
import DenseMath

/// One trial of `DEC` at work: its steps, and what a state in the middle of it holds.
final class TrialAtWork {
  private let number: Int
  private let dec: DEC
  private let data: TrainingData
  private let directions: InputDirections?
  private let ended: [DEC.Trial]
  private let observers: [any TrainingObserver]
  /// AE + k-means that the attempt at work goes on from, once there.
  private var start: DEC.Start?
  /// AE + k-means that the first attempt went on from.
  private var first: DEC.Start?
  /// The attempts at the KL phase that are done.
  private var attempts: [DEC.Attempt] = []
  /// What the next refresh has to say, why there is another attempt.
  private var notice: String?

  /// - Parameters:
  ///   - number: From 0.
  ///   - directions: Of the input; needed where the settings ask the input.
  ///   - ended: The trials before.
  init(
    number: Int, of dec: DEC, on data: TrainingData, _ directions: InputDirections?,
    ended: [DEC.Trial], tells observers: [any TrainingObserver]
  ) {
    self.number = number
    self.dec = dec
    self.data = data
    self.directions = directions
    self.ended = ended
    self.observers = observers
  }

  /// This trial as the observer of its phases: it tells of the trial and completes states. No
  /// observers, no events to make.
  private var forwarding: [any TrainingObserver] { observers.isEmpty ? [] : [self] }

  private var seed: Int { dec.seed(ofTrial: number) }

  func pretrain(resuming state: TrainingState?) throws -> Autoencoder {
    var parameters = dec.pretraining!
    parameters.seed = seed
    return try Pretraining(parameters).fit(to: data, resuming: state, observers: forwarding)
  }

  /// The form of the code that is clustered.
  func code(of autoencoder: Autoencoder) throws -> CodeForm {
    try dec.clustering.code.form
      ?? directions!.bestCode(
        of: autoencoder, clusterCount: dec.clustering.clusterCount, seed: UInt64(seed))
  }

  /// Centroids of the autoencoder's code.
  func initialize(_ autoencoder: Autoencoder) throws -> DEC.Start {
    var means = KMeans(clusterCount: dec.clustering.clusterCount)
    means.restarts = dec.clustering.restarts
    means.seed = UInt64(seed)
    let first = data.shard.range.lowerBound
    let code = autoencoder.encoder.embed(data.shard)
    let centroids =
      try dec.initialCentroids
      ?? dec.clustering.initialSample.map { try fit(means, toSample: $0, of: code) }
    let result =
      try centroids.map {
        try means.assign(code, to: $0, first: first, samples: data.samples, over: data.world)
      } ?? means.fit(code, first: first, samples: data.samples, over: data.world)
    var progress = PhaseProgress(.kMeans, iteration: 0)
    progress.loss = result.inertia / Double(data.samples)
    progress.documents = data.samples
    try observe(.kMeans(progress, result))
    return DEC.Start(
      model: Model(autoencoder: autoencoder, centroids: result.centroids),
      assignments: result.assignments, inertia: result.inertia)
  }

  /// Centroids of `count` evenly spaced documents.
  private func fit(_ means: KMeans, toSample count: Int, of code: Matrix) throws -> Matrix {
    let range = data.shard.range
    let (sample, first) = EvenSample(count, of: data.samples).documents(in: range)
    var chosen = Matrix(rows: 0, columns: code.columns)
    chosen.gatherRows(sample, of: code, from: range.lowerBound)
    return try means.fit(
      chosen, first: first, samples: min(count, data.samples), over: data.world
    ).centroids
  }

  /// The KL phase, and what is kept of it.
  ///
  /// Where there is a second exponent, the input judges the clusters (`InputDirections`), and
  /// the first attempt that leaves them with the data is kept; where none does, AE + k-means.
  func refine(_ start: DEC.Start, resuming state: TrainingState?) throws -> DEC.Trial {
    var state = state?.header.phase == .kl ? state : nil
    attempts = state?.header.attempts ?? []
    let first =
      try state.map {
        try dec.start("first", in: $0, of: data, like: start.model.autoencoder)
      } ?? start
    (self.start, self.first) = (start, first)
    guard dec.clustering.fallbackExponent != nil else {
      return try attempt(dec.clustering.frequencyExponent, from: start, resuming: state)
    }
    let directions = directions!
    let k = dec.clustering.clusterCount
    while let next = nextAttempt {
      if state == nil { self.start = try restart(from: first, next.code) }
      let start = self.start!
      let before = directions.explainedShare(of: start.assignments, clusterCount: k)
      var trial = try attempt(next.exponent, from: start, resuming: state)
      state = nil
      let after = directions.explainedShare(
        of: trial.outcome.final.assignments, clusterCount: k)
      attempts.append(
        DEC.Attempt(
          code: next.code, frequencyExponent: next.exponent, ending: trial.outcome.ending,
          iterations: trial.outcome.iterations, explainedBefore: before, explainedAfter: after))
      trial.attempts = attempts
      // The unit code's first attempt has the other exponent beside it, which even classes need.
      let isStrict = attempts.count == 1 && next.code == .unit
      if attempts.last!.isSound(tolerance: isStrict ? 0 : 0.005) { return trial }
      notice =
        "the \(next.code.rawValue) code and the exponent \(next.exponent) of f move the clusters "
        + "away from the data; again from k-means"
    }
    return unrefined(first)
  }

  /// What to try after the attempts that failed.
  private var nextAttempt: (code: CodeForm, exponent: Double)? {
    let settings = dec.clustering
    let order = Self.attempts(
      settings.code, first: first!.model.autoencoder.code,
      exponents: (settings.frequencyExponent, settings.fallbackExponent!),
      hasCollapsed: attempts.first?.ending == .collapse)
    return attempts.count < order.count ? order[attempts.count] : nil
  }

  /// The attempts at the KL phase, in the order in which they are made until one is sound.
  ///
  /// A code that was asked for is kept to, with both exponents. Otherwise the code that agrees best
  /// with the input and the first exponent come first. Where the unit code collapsed, classes are
  /// uneven and a code's length tells them apart, so that the raw code comes next, and otherwise
  /// the second exponent; then the other of the two.
  ///
  /// - Parameters:
  ///   - first: The code that agrees best.
  ///   - hasCollapsed: Whether the first attempt did.
  static func attempts(
    _ choice: CodeChoice, first: CodeForm, exponents: (Double, Double), hasCollapsed: Bool
  ) -> [(code: CodeForm, exponent: Double)] {
    let (one, other) = exponents
    if let code = choice.form { return [(code, one), (code, other)] }
    if first == .raw { return [(.raw, one), (.unit, one), (.unit, other)] }
    return hasCollapsed
      ? [(.unit, one), (.raw, one), (.unit, other)]
      : [(.unit, one), (.unit, other), (.raw, one)]
  }

  /// AE + k-means on a form of the same autoencoder's code.
  private func restart(from start: DEC.Start, _ code: CodeForm) throws -> DEC.Start {
    guard code != start.model.autoencoder.code else { return start }
    var autoencoder = start.model.autoencoder
    autoencoder.setCode(code)
    var restart = try initialize(autoencoder)
    restart.scale(to: dec.clustering.codeScale, samples: data.samples)
    return restart
  }

  private func attempt(
    _ exponent: Double, from start: DEC.Start, resuming state: TrainingState?
  ) throws -> DEC.Trial {
    var parameters = dec.clustering
    parameters.frequencyExponent = exponent
    parameters.seed = seed
    var refined = start.model
    var centroids = start.model.centroids!
    let outcome = try ClusteringPhase(parameters).fit(
      &refined.autoencoder.encoder, &centroids, to: data, resuming: state, observers: forwarding)
    refined.centroids = centroids
    return DEC.Trial(seed: seed, start: start, refined: refined, outcome: outcome)
  }

  /// AE + k-means as the result.
  private func unrefined(_ start: DEC.Start) -> DEC.Trial {
    let final = TargetRefresh(
      of: data, through: start.model.autoencoder.encoder, centroids: start.model.centroids!)
    let outcome = ClusteringPhase.Outcome(
      final: final, iterations: 0, refreshes: 1, ending: .collapse,
      collapse: "the KL phase moves the clusters away from the data: those of k-means are kept")
    return DEC.Trial(
      seed: seed, start: start, refined: start.model, outcome: outcome, attempts: attempts)
  }
}

extension TrialAtWork: TrainingObserver {
  var votesToStop: Bool { observers.contains(where: \.votesToStop) }
  var votesForCheckpoint: Bool { observers.contains(where: \.votesForCheckpoint) }

  func observe(_ event: TrainingEvent) throws {
    var event = event
    if let notice, case .refresh(let progress, var view) = event {
      view.warning = notice
      event = .refresh(progress, view)
      self.notice = nil
    }
    try observers.observe(dec.trials > 1 ? event.inTrial(number + 1) : event)
  }

  func stepEnded(_ boundary: StepBoundary) throws {
    var boundary = boundary
    let phaseState = boundary.state
    boundary.state = { [self] in complete(phaseState()) }
    for observer in observers { try observer.stepEnded(boundary) }
  }
}

extension TrainingEvent {
  fileprivate func inTrial(_ trial: Int) -> TrainingEvent {
    var progress = progress
    progress.trial = trial
    return switch self {
    case .pretraining: .pretraining(progress)
    case .kMeans(_, let result): .kMeans(progress, result)
    case .refresh(_, let view): .refresh(progress, view)
    }
  }
}

// MARK: State

extension TrialAtWork {
  /// Adds the trials before and the start of the KL phase to a phase's state.
  private func complete(_ state: TrainingState) -> TrainingState {
    var state = state
    state.header.trial = number
    let isRoot = data.world.isRoot
    for (i, trial) in ended.enumerated() {
      let outcome = trial.outcome
      state.header.endedTrials.append(
        TrainingState.EndedTrial(
          iterations: outcome.iterations, refreshes: outcome.refreshes, ending: outcome.ending,
          collapse: outcome.collapse, warning: outcome.warning, attempts: trial.attempts))
      save(trial.start, to: &state, as: "trial.\(i).start")
      state.save(trial.refined, as: "trial.\(i).refined", isOwner: isRoot)
    }
    state.header.attempts = attempts
    if let start, let first {
      save(start, to: &state, as: "start")
      save(first, to: &state, as: "first")
    }
    return state
  }

  private func save(_ start: DEC.Start, to state: inout TrainingState, as name: String) {
    state.save(start.model, as: "\(name).model", isOwner: data.world.isRoot)
    state.save(start.assignments, as: "\(name).assignments", of: data)
  }

  /// The start of the KL phase that a state holds.
  func restoreStart(_ state: TrainingState, like given: Autoencoder?) throws -> DEC.Start {
    try dec.start("start", in: state, of: data, like: given)
  }
}

extension DEC {
  /// The trials before the one at work in a state.
  func endedTrials(
    _ state: TrainingState, of data: TrainingData, like given: Autoencoder?
  ) throws -> [Trial] {
    try state.header.endedTrials.enumerated().map { i, ended in
      let start = try start("trial.\(i).start", in: state, of: data, like: given)
      let refined = try state.model(
        "trial.\(i).refined", like: start.model.autoencoder, clusterCount: clustering.clusterCount)
      // The same weights give the same bits again.
      let final = TargetRefresh(
        of: data, through: refined.autoencoder.encoder, centroids: refined.centroids!)
      return Trial(
        seed: seed(ofTrial: i), start: start, refined: refined,
        outcome: ClusteringPhase.Outcome(
          final: final, iterations: ended.iterations, refreshes: ended.refreshes,
          ending: ended.ending, collapse: ended.collapse, warning: ended.warning),
        attempts: ended.attempts)
    }
  }

  fileprivate func start(
    _ name: String, in state: TrainingState, of data: TrainingData, like given: Autoencoder?
  ) throws -> Start {
    var shape = given ?? Pretraining(pretraining!).newAutoencoder(features: data.features)
    // What was saved of a unit code says so itself.
    shape.setCode(.raw)
    let model = try state.model(
      "\(name).model", like: shape, clusterCount: clustering.clusterCount)
    // It has been scaled: the inertia is not needed again.
    return Start(
      model: model, assignments: try state.assignments("\(name).assignments", of: data), inertia: 0)
  }
}
