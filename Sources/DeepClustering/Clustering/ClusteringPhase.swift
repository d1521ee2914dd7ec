import Collectives
import DenseMath
import Diagnostics

/// The KL phase, Section 3.1.3: embedding and centroids are refined towards the target distribution
/// until the assignments settle.
public struct ClusteringPhase {
  public let parameters: ClusteringParameters

  public init(_ parameters: ClusteringParameters) { self.parameters = parameters }

  /// How the phase ended.
  public struct Outcome: Sendable {
    /// q, f and the assignments of the model.
    public var final: TargetRefresh
    public var iterations: Int
    public var refreshes: Int
    public var ending: Ending
    /// What collapsed, in words, where something did.
    public var collapse: String?
    /// What is wrong with the clusters of the result, such as an empty one, in words; nil where
    /// they are sound.
    public var warning: String?
  }

  /// Why the phase ended.
  public enum Ending: String, Codable, Sendable {
    /// The label change fell below the tolerance.
    case tolerance
    case maxIterations = "max-iterations"
    /// Clusters collapsed: the model is that of the refresh before.
    case collapse
  }

  /// Refines `encoder` and `centroids` over the documents of all ranks. Collective.
  ///
  /// - Parameters:
  ///   - centroids: `[clusters, latent]`, from k-means.
  ///   - state: Where to go on, which an observer had from a step's boundary of this phase; nil to
  ///     begin.
  /// - Throws: `Failure.work` where the loss is no longer finite; what an observer throws.
  public func fit(
    _ encoder: inout FeedForward, _ centroids: inout Matrix, to data: TrainingData,
    resuming state: TrainingState? = nil, observers: [any TrainingObserver] = []
  ) throws -> Outcome {
    var course = try Course(parameters, encoder, centroids, on: data, resuming: state, observers)
    while true {
      // 1. q, f and the assignments of the whole corpus.
      let change = try course.refresh()
      // 2. Enough?
      if let ending = course.ending(change) {
        encoder = course.step.parameters.snapshot()
        centroids = course.objective.centroids
        return Outcome(
          final: course.objective.refresh, iterations: course.iteration,
          refreshes: course.refreshes, ending: ending, collapse: course.collapse,
          warning: course.warning)
      }
      // 3. λ minibatches towards p.
      try course.descend()
    }
  }
}

/// The KL phase at work.
private struct Course {
  private let parameters: ClusteringParameters
  private let data: TrainingData
  private let observers: [any TrainingObserver]
  /// λ in minibatches.
  private let interval: Int
  private(set) var step: TrainingStep
  private(set) var objective: ClusteringObjective
  private(set) var iteration = 0
  private(set) var refreshes = 0
  /// The iteration of the last refresh, and the network and centroids it was made of.
  private var refreshIteration = 0
  private var centroidsAtRefresh: Matrix
  /// Documents per cluster at the first refresh.
  private var startSizes: [Int] = []
  /// What the last refresh found collapsed; network and centroids are then those of the one before.
  private(set) var collapse: String?
  /// What is wrong with the clusters of the last refresh that was kept, in words.
  private(set) var warning: String?
  /// Whether a state was restored in the middle of an interval, with the refresh it began with.
  private var isRefreshed = false

  init(
    _ parameters: ClusteringParameters, _ encoder: FeedForward, _ centroids: Matrix,
    on data: TrainingData, resuming state: TrainingState?, _ observers: [any TrainingObserver]
  ) throws {
    self.parameters = parameters
    self.data = data
    self.observers = observers
    interval =
      parameters.targetUpdateInterval
      ?? max(1, (data.samples + parameters.batchSize - 1) / parameters.batchSize)
    let network = try state?.network("encoder", like: encoder) ?? encoder
    step = TrainingStep(
      network, Optimizer(.sgd, biasRate: Float(parameters.biasRate)), on: data,
      batch: Minibatch(
        of: data, batchSize: parameters.batchSize,
        shuffleSeed: parameters.shuffles ? UInt64(parameters.seed) &+ 1 << 32 : nil,
        augmentation: parameters.augments
          ? data.augmentation(seed: parameters.seed, stage: 1000) : nil),
      isExact: parameters.isReproducible, centroidCount: centroids.count,
      precision: parameters.wirePrecision)
    objective = ClusteringObjective(parameters, centroids: centroids, on: data)
    centroidsAtRefresh = centroids
    if let state { try restore(state, like: encoder) }
  }

  /// Computes the target distribution anew, unless a state brought it.
  ///
  /// - Returns: The fraction of documents that changed cluster; nil at the first refresh.
  mutating func refresh() throws -> Double? {
    guard !isRefreshed else {
      isRefreshed = false
      return nil
    }
    let new = TargetRefresh(
      of: data, through: step.parameters.network, centroids: objective.centroids)
    guard new.softFrequencies.allSatisfy({ $0.isFinite }), objective.centroids.isFinite else {
      throw Failure.breakdown(.kl, iteration: iteration, option: "--learning-rate")
    }
    let change = refreshes > 0 ? labelChange(to: new.assignments) : nil
    if refreshes == 0 { startSizes = new.clusterSizes }
    refreshes += 1
    if parameters.stopsAtCollapse {
      collapse = Collapse.between(startSizes, and: new.clusterSizes)
    }
    guard collapse == nil else {
      try observers.observe(event(of: new, change))
      step.parameters.returnToMark()
      objective.centroids = centroidsAtRefresh
      return change
    }
    objective.refresh = new
    warning = warning(of: new)
    refreshIteration = iteration
    step.parameters.mark()
    centroidsAtRefresh = objective.centroids
    try observers.observe(event(of: new, change))
    // The momentum starts from zero.
    step.resetMoments()
    objective.centroidMoments.reset()
    return change
  }

  /// Why the phase ends with the last refresh; nil where it goes on.
  ///
  /// - Parameter change: What `refresh` returned.
  func ending(_ change: Double?) -> ClusteringPhase.Ending? {
    if collapse != nil { return .collapse }
    if let change, change < parameters.labelChangeTolerance { return .tolerance }
    return iteration >= parameters.maxIterations ?? .max ? .maxIterations : nil
  }

  /// Minibatches until the next refresh.
  mutating func descend() throws {
    let rate = LearningRate(rate: parameters.learningRate, momentum: parameters.momentum)
    while iteration < intervalEnd {
      try step.take(
        iteration, of: data.shard, towards: &objective, rate,
        votes: observers.votes(isRoot: data.world.isRoot),
        failure: .breakdown(.kl, iteration: iteration, option: "--learning-rate"))
      iteration += 1
      guard !observers.isEmpty else { continue }
      let now = self
      try observers.stepEnded(step, .kl, iteration) { _ in now.state() }
    }
  }

  /// The iteration of the next refresh.
  private var intervalEnd: Int {
    min(refreshIteration + interval, parameters.maxIterations ?? .max)
  }

  private func labelChange(to new: [Int32]) -> Double {
    let changed = zip(objective.refresh.assignments, new).reduce(Int64(0)) {
      $0 + ($1.0 == $1.1 ? 0 : 1)
    }
    return Double(data.world.allReduce(changed)) / Double(data.samples)
  }

  private mutating func event(of refresh: TargetRefresh, _ change: Double?) -> TrainingEvent {
    var progress = PhaseProgress(.kl, iteration: iteration)
    progress.plannedIterations = parameters.maxIterations
    progress.learningRate = parameters.learningRate
    progress.documents = data.samples
    step.takeProgress(into: &progress)
    let parameters = step.parameters
    return .refresh(
      progress,
      RefreshView(
        refresh: refresh, labelChange: change, centroids: objective.centroids,
        warning: collapse.map {
          "\($0): the clusters collapse, and those of iteration \(refreshIteration) are kept"
        } ?? warning, encoder: { parameters.snapshot() }))
  }

  private func warning(of refresh: TargetRefresh) -> String? {
    if let swallowed = Collapse.swallowed(startSizes, by: refresh.clusterSizes) { return swallowed }
    if let empty = refresh.clusterSizes.firstIndex(of: 0) {
      return "cluster \(empty) is empty; fewer --clusters may fit the data better"
    }
    if let (a, b) = objective.centroids.coincidingRows() {
      return "the centroids \(a) and \(b) coincide; fewer --clusters may fit the data better"
    }
    return nil
  }
}

// MARK: State

extension Course {
  /// What the phase can go on from. Of the last refresh it holds the network and the centroids,
  /// from which the same q, f and assignments are computed again.
  fileprivate func state() -> TrainingState {
    var state = step.state(.kl, iteration: iteration, as: "encoder")
    state.header.refreshes = refreshes
    state.header.refreshIteration = refreshIteration
    state.header.startSizes = startSizes
    let isRoot = data.world.isRoot
    step.parameters.saveMarked(to: &state, as: "refresh.encoder")
    state.save(centroidsAtRefresh, as: "refresh.centroids", isOwner: isRoot)
    state.save(objective.centroids, as: "centroids", isOwner: isRoot)
    state.putWhole(
      "centroids.first", shape: [objective.centroids.count], objective.centroidMoments.first,
      isOwner: isRoot)
    return state
  }

  fileprivate mutating func restore(_ state: TrainingState, like encoder: FeedForward) throws {
    let mu = objective.centroids
    try step.restore(from: state, as: "encoder")
    iteration = state.header.iteration
    refreshes = state.header.refreshes
    refreshIteration = state.header.refreshIteration
    startSizes = state.header.startSizes
    objective.centroids = try state.matrix("centroids", mu.rows, mu.columns)
    objective.centroidMoments.first = try state.whole("centroids.first", shape: [mu.count])
    centroidsAtRefresh = try state.matrix("refresh.centroids", mu.rows, mu.columns)
    let network = try state.network("refresh.encoder", like: encoder)
    step.parameters.mark(network)
    objective.refresh = TargetRefresh(of: data, through: network, centroids: centroidsAtRefresh)
    warning = warning(of: objective.refresh)
    // At the end of an interval the next refresh is due; what was restored is the one before.
    isRefreshed = iteration < intervalEnd
  }
}

extension Matrix {
  var isFinite: Bool { withUnsafeElements { $0.allSatisfy(\.isFinite) } }

  /// The first two rows that are equal to within rounding of their own size.
  func coincidingRows() -> (Int, Int)? {
    for a in 0..<rows {
      for b in 0..<a {
        var (distance, size) = (0.0, 0.0)
        for c in 0..<columns {
          let (x, y) = (Double(self[a, c]), Double(self[b, c]))
          distance += (x - y) * (x - y)
          size += x * x + y * y
        }
        if distance <= 1e-10 * size { return (b, a) }
      }
    }
    return nil
  }
}
