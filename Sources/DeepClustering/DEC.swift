import ClusteringMetrics
import Collectives
import Datasets
import DenseMath

/// Deep Embedded Clustering, Section 3 of the paper: from documents to clusters.
///
/// It knows no file, no label and no command line; whoever wants to see a training at work observes
/// it.
public struct DEC {
  /// Settings of the stacked denoising autoencoder; nil where one is given to `fit`.
  public var pretraining: PretrainingParameters?
  /// Settings of k-means and of the KL phase.
  public var clustering: ClusteringParameters
  /// Trainings from different seeds, of which the one whose clusters agree best with the others',
  /// or of two, with the input, is kept; 1 in the paper.
  public var trials = 1
  /// Centroids of the code to start from in place of those of k-means, `[clusters, code]`.
  public var initialCentroids: Matrix?

  public init(pretraining: PretrainingParameters?, clustering: ClusteringParameters) {
    self.pretraining = pretraining
    self.clustering = clustering
  }

  /// Trains on the documents of all ranks. Collective.
  ///
  /// - Parameters:
  ///   - autoencoder: A trained autoencoder, where `pretraining` is nil.
  ///   - state: Where to go on, which an observer had from a step's boundary of a training with the
  ///     same settings and documents, at any number of ranks; nil to begin.
  /// - Returns: All trials, the same models on every rank, each with this rank's clusters.
  /// - Throws: `Failure.work` where a loss is no longer finite; what an observer throws.
  public func fit(
    to data: TrainingData, from autoencoder: Autoencoder? = nil,
    resuming state: TrainingState? = nil, observers: [any TrainingObserver] = []
  ) throws -> Result {
    precondition((pretraining == nil) != (autoencoder == nil), "one autoencoder, or its settings")
    var ended = try state.map { try endedTrials($0, of: data, like: autoencoder) } ?? []
    // What clusters are judged by beside the code.
    let directions = clustering.asksTheInput || trials == 2 ? InputDirections(of: data) : nil
    for number in ended.count..<trials {
      let work = TrialAtWork(
        number: number, of: self, on: data, directions, ended: ended, tells: observers)
      let state = number == state?.header.trial ? state : nil
      var start: Start
      if let state, state.header.phase == .kl {
        start = try work.restoreStart(state, like: autoencoder)
      } else {
        // 1. The stacked denoising autoencoder (Section 3.2).
        var trained = try autoencoder ?? work.pretrain(resuming: state)
        trained.setCode(try work.code(of: trained))
        // 2. Centroids by k-means on its code.
        start = try work.initialize(trained)
        // 3. The code at the scale of the Student kernel.
        start.scale(to: clustering.codeScale, samples: data.samples)
        for observer in observers { try observer.initialized(start, trial: number) }
      }
      // 4. Embedding and centroids towards the target distribution (Section 3.1).
      ended.append(try work.refine(start, resuming: state))
    }
    // 5. The trial whose clusters the others, or the input, confirm.
    return Result(ended, clusterCount: clustering.clusterCount, of: data, directions)
  }

  /// The clusters that the KL phase starts from: AE + k-means.
  public struct Start: Sendable {
    /// The autoencoder with the centroids.
    public var model: Model
    /// The clusters of this rank's documents.
    public var assignments: [Int32]
    /// Σ_i ‖z_i − μ‖² over all documents, before the code was scaled.
    var inertia: Double

    /// Brings the root-mean-square distance of documents to their centroids to `distance`, in units
    /// of the Student kernel of Eq. 1, which is flat where distances are far from 1: on real
    /// corpora they come out as 4 to 100. The reconstruction stays. 0 leaves the code as it is, as
    /// the paper does.
    mutating func scale(to distance: Double, samples: Int) {
      let now = (inertia / Double(samples)).squareRoot()
      guard distance > 0, now > 0 else { return }
      let factor = Float(distance / now)
      model.autoencoder.scaleCode(by: factor)
      model.centroids!.scale(by: factor)
    }
  }

  /// One attempt at the KL phase, judged by the input and not by the code.
  public struct Attempt: Codable, Equatable, Sendable {
    public var code: CodeForm
    public var frequencyExponent: Double
    public var ending: ClusteringPhase.Ending
    public var iterations: Int
    /// The share of the documents' directions that the clusters of k-means explain, in 100
    /// dimensions of latent semantic analysis.
    public var explainedBefore: Double
    /// The same of the refined clusters.
    public var explainedAfter: Double

    /// Whether the clusters have stayed with the data.
    ///
    /// - Parameter tolerance: The part of the explained share that they may lose.
    func isSound(tolerance: Double) -> Bool {
      ending != .collapse && explainedAfter >= (1 - tolerance) * explainedBefore
    }
  }

  /// What one autoencoder led to.
  public struct Trial: Sendable {
    public var seed: Int
    /// AE + k-means.
    public var start: Start
    /// The model after the KL phase.
    public var refined: Model
    public var outcome: ClusteringPhase.Outcome
    /// The attempts at the KL phase; none where there is no second exponent to judge for.
    public var attempts: [Attempt] = []

    /// The same models with the clusters of other documents, such as all of those of which a sample
    /// was trained on. Collective.
    public func applied(to data: TrainingData) throws -> Trial {
      var trial = self
      let (encoder, mu) = (start.model.autoencoder.encoder, start.model.centroids!)
      trial.start.assignments = try KMeans(clusterCount: mu.rows).assign(
        encoder.embed(data.shard), to: mu, first: data.shard.range.lowerBound,
        samples: data.samples, over: data.world
      ).assignments
      trial.outcome.final = TargetRefresh(
        of: data, through: refined.autoencoder.encoder, centroids: refined.centroids!)
      return trial
    }
  }

  /// All trials, and which to keep.
  public struct Result: Sendable {
    public var trials: [Trial]
    /// The mean normalized mutual information between each trial's clusters and the others'.
    public var agreement: [Double]
    /// The trial with the largest agreement. Two trials agree with each other alike: of them the
    /// one whose clusters explain more of the input (`InputDirections`), the first of equals.
    public var keptIndex: Int
    public var kept: Trial { trials[keptIndex] }

    /// Collective.
    ///
    /// - Parameter directions: Of the input; needed for two trials.
    init(
      _ trials: [Trial], clusterCount: Int, of data: TrainingData, _ directions: InputDirections?
    ) {
      self.trials = trials
      let tables = trials.indices.map { a in
        (0..<a).map { b in
          var table = Contingency(
            labels: trials[a].outcome.final.assignments,
            assignments: trials[b].outcome.final.assignments, clusters: clusterCount,
            classes: clusterCount)
          data.world.allReduce(&table.counts)
          return table
        }
      }
      agreement = meanAgreement(tables)
      var ranking = agreement
      if trials.count == 2 {
        ranking = trials.map {
          directions!.explainedShare(
            of: $0.outcome.final.assignments, clusterCount: clusterCount)
        }
      }
      keptIndex = ranking.indices.max { ranking[$0] < ranking[$1] }!
    }
  }

  /// The seed of a trial, from 0.
  func seed(ofTrial number: Int) -> Int { clustering.seed &+ 1_000_003 &* number }
}
