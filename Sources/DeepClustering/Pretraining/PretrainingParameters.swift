import Glibc

/// Settings of the stacked denoising autoencoder; the defaults are the paper's (Section 4.3) and
/// the authors' code's.
public struct PretrainingParameters: Equatable, Sendable {
  /// Widths of the encoder's layers, the code last.
  public var layers = [500, 500, 2000, 10]
  public var initialization = WeightInitialization.gaussian
  public var optimizer = OptimizerKind.sgd
  public var learningRate = 0.1
  public var schedule = LearningRateSchedule.step
  /// Of SGD, reached by a linear ramp at the start of each stage.
  public var momentum = 0.9
  /// Biases learn at this multiple of the rate.
  public var biasRate = 2.0
  /// Global.
  public var batchSize = 256
  /// Of each layer's stage.
  public var layerwiseIterations = 50_000
  public var finetuneIterations = 100_000
  /// Dropout of the inputs in the layerwise stages, Eq. 6.
  public var corruption = 0.2
  /// Whether the first stage's input is corrupted too; in the authors' code it is not.
  public var corruptsData = false
  /// Dropout of the hidden units in the layerwise stages but the last, Eq. 8.
  public var hiddenDropout = 0.2
  /// Dropout of the inputs while finetuning.
  public var finetuneCorruption = 0.0
  /// Whether pictures are shifted and turned at random, anew at each step: see `Augmentation`.
  /// Other documents never are.
  public var augments = false
  /// Whether documents are shuffled inside their lane, anew each epoch.
  public var shuffles = false
  /// Whether gradients have the same bits at every number of ranks, by rounding what is multiplied
  /// into them to 8 bits.
  public var isReproducible = false
  /// What weights' gradients travel as.
  public var wirePrecision = WirePrecision.float32
  public var seed = 0

  /// Iterations in which the momentum reaches its full value.
  public var momentumRamp = 1000
  /// Iterations after which `LearningRateSchedule.step` divides the rate by 10.
  public var decayInterval = 20_000

  public init() {}

  /// The learning rate at `iteration` of a stage of `iterations`.
  func rate(at iteration: Int, of iterations: Int) -> Double {
    switch schedule {
    case .step: return learningRate * pow(0.1, Double(iteration / decayInterval))
    case .cosine:
      let rise = max(1, iterations / 10)
      if iteration < rise { return learningRate * Double(iteration + 1) / Double(rise) }
      let progress = Double(iteration - rise) / Double(max(1, iterations - rise))
      return learningRate * 0.5 * (1 + cos(.pi * progress))
    }
  }
}

/// How the learning rate falls during a stage.
public enum LearningRateSchedule: String, Codable, Sendable, CaseIterable {
  /// Divided by 10 every `decayInterval` iterations (Section 4.3).
  case step
  /// A linear rise over the first tenth, then half a cosine down to 0.
  case cosine
}
