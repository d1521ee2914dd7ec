import Collectives
import Datasets
import DenseMath
import Diagnostics

/// What a phase minimises: how a minibatch becomes the network's input, and what its output costs.
protocol TrainingObjective {
  /// The network's input for the minibatch at work, `[rows, input]`.
  var input: InputRows { get set }
  /// Whether the network learns; otherwise only what the objective itself updates.
  var trainsNetwork: Bool { get }

  /// Makes `input` of a minibatch, whose rows may be taken.
  mutating func prepare(_ minibatch: inout Minibatch, iteration: Int)

  /// The dropout of layer `layer`'s output; nil for none.
  func dropout(layer: Int, iteration: Int) -> Dropout?

  /// Computes the loss of the network's output.
  ///
  /// - Parameters:
  ///   - output: `[rows, output]`.
  ///   - gradient: Replaced by the gradient of the loss with respect to the output; zero in rows
  ///     without a document. Left alone where the network does not learn.
  ///   - sums: Gets this rank's share of the loss.
  mutating func evaluate(
    _ output: Matrix, of minibatch: Minibatch, gradient: inout Matrix, sums: inout StepSums)

  /// Adds this rank's gradient of what the objective itself updates to `sums`.
  mutating func addGradient(to sums: inout StepSums)

  /// Moves what the objective itself updates by the gradient in `sums`, now of all ranks.
  mutating func update(by optimizer: Optimizer, _ sums: StepSums, _ rate: LearningRate)
}

/// η and the momentum of one step.
struct LearningRate {
  var rate: Double
  var momentum: Double
}

/// The training step of both phases, with the memory that it uses again.
struct TrainingStep {
  let parameters: SharedParameters
  let rule: any GradientRule
  var optimizer: Optimizer
  /// The seed of the dropout.
  private(set) var minibatch: Minibatch
  private var pass: FeedForward.Pass
  private(set) var sums: StepSums
  /// Sums since the last event.
  var progress = StepProgress()

  /// Collective.
  ///
  /// - Parameters:
  ///   - network: The weights to start from.
  ///   - isExact: Whether gradients have the same bits at every number of ranks.
  ///   - centroidCount: Elements of the centroids that the objective updates.
  init(
    _ network: FeedForward, _ optimizer: Optimizer, on data: TrainingData, batch: Minibatch,
    isExact: Bool, centroidCount: Int = 0, precision: WirePrecision
  ) {
    self.optimizer = optimizer
    minibatch = batch
    rule = isExact ? ExactGradients(for: network) : PlainGradients()
    sums = StepSums(
      centroidCount: centroidCount, isExact: rule.sumsCentroidsExactly && centroidCount > 0)
    parameters = SharedParameters(
      network, optimizer: optimizer.kind, sumCount: sums.values.count, precision: precision,
      over: data.world)
    pass = FeedForward.Pass(network, tile: rule.tile)
  }

  /// Moves network and objective by one minibatch. Collective.
  ///
  /// - Parameter votes: What this rank asks for.
  /// - Throws: `failure` where the loss is not finite, on every rank.
  mutating func take<Objective: TrainingObjective>(
    _ iteration: Int, of shard: Shard, towards objective: inout Objective, _ rate: LearningRate,
    votes: StepVotes, failure: @autoclosure () -> Failure
  ) throws {
    // 1. This rank's documents, and what the network sees of them.
    minibatch.load(iteration, from: shard, tile: rule.tile)
    objective.prepare(&minibatch, iteration: iteration)

    // 2. The output and its loss.
    parameters.network.forward(
      objective.input, in: &pass, documents: minibatch.rowDocuments
    ) { objective.dropout(layer: $0, iteration: iteration) }
    let last = pass.outputs.count - 1
    objective.evaluate(
      pass.outputs[last], of: minibatch, gradient: &pass.gradients[last], sums: &sums)
    sums.cast(votes)

    // 3. Gradients, summed over the ranks on the way.
    if objective.trainsNetwork {
      rule.backward(&objective.input, in: &pass, of: minibatch, to: parameters)
    }
    objective.addGradient(to: &sums)
    rule.finishSums(&sums, in: parameters)
    guard sums.loss.isFinite else { throw failure() }

    // 4. The same step on every rank.
    optimizer.stepCount += 1
    objective.update(by: optimizer, sums, rate)
    if objective.trainsNetwork {
      parameters.update(
        by: optimizer, learningRate: Float(rate.rate), momentum: Float(rate.momentum))
    }
    parameters.publish()
    progress.loss += sums.loss
    progress.steps += 1
    progress.documents += minibatch.batchCount
  }

  /// Forgets the moments of the network, as the authors' KL phase does at each refresh.
  mutating func resetMoments() {
    parameters.resetMoments()
    optimizer.stepCount = 0
  }

  /// Moves the figures since the last event into those of a new one.
  mutating func takeProgress(into event: inout PhaseProgress) {
    event.loss = progress.steps > 0 ? progress.loss / Double(progress.steps) : nil
    event.documents += progress.documents
    event.communicationSeconds = parameters.takeCommunicationSeconds()
    progress = StepProgress()
  }
}

/// Figures of the steps since the last event.
struct StepProgress: Codable, Equatable, Sendable {
  /// The sum of the steps' losses.
  var loss = 0.0
  var steps = 0
  /// Documents over all ranks.
  var documents = 0
}

extension Failure {
  /// A loss that is no longer finite; the same on every rank.
  static func breakdown(_ phase: TrainingPhase, iteration: Int, option: String) -> Failure {
    var failure = Failure(
      .work,
      "\(phase.name): the loss is not finite at iteration \(iteration); lower \(option), or check "
        + "the data's scale with dec inspect")
    failure.isShared = true
    return failure
  }
}
