/// A full set of settings.
public enum Preset: String, Codable, Sendable, CaseIterable {
  /// The paper and the authors' code to the letter; docs/method.md has the details.
  case paper
  /// Ours: better and faster; docs/method.md says why, setting by setting.
  case `default`

  /// - Parameters:
  ///   - samples: n.
  ///   - isSparse: Whether the documents are text, or alike.
  ///   - isPicture: Whether the documents are pictures, row by row of pixels.
  public func pretraining(
    samples: Int, isSparse: Bool, isPicture: Bool = false
  ) -> PretrainingParameters {
    var parameters = PretrainingParameters()
    guard self == .default else { return parameters }
    parameters.initialization = .glorot
    parameters.schedule = .cosine
    parameters.biasRate = 1
    parameters.corruption = 0.2
    parameters.corruptsData = true
    parameters.shuffles = true
    parameters.isReproducible = true
    parameters.augments = isPicture
    if isSparse {
      parameters.layers = [500, 500, 2000, 30]
      parameters.optimizer = .adam
      parameters.learningRate = 0.001
      parameters.finetuneIterations = samples < 3000 ? 300 : 600
      parameters.layerwiseIterations = parameters.finetuneIterations / 4
      parameters.hiddenDropout = 0
      parameters.finetuneCorruption = 0.5
    } else {
      parameters.learningRate = 2
      parameters.finetuneIterations = 5000
      parameters.layerwiseIterations = 1500
      parameters.finetuneCorruption = 0.2
    }
    return parameters
  }

  /// Trials from different seeds, of which one is kept: a small corpus's autoencoders differ much,
  /// and cost little.
  public func trials(samples: Int, isSparse: Bool) -> Int {
    self == .default && isSparse && samples < 3000 ? 5 : 1
  }

  public func clustering(
    clusterCount: Int, samples: Int, isSparse: Bool, isPicture: Bool = false
  ) -> ClusteringParameters {
    var parameters = ClusteringParameters(clusterCount: clusterCount)
    guard self == .default else { return parameters }
    let epoch = max(1, (samples + parameters.batchSize - 1) / parameters.batchSize)
    // Once an epoch; where an epoch is long the clusters settle within it.
    let longest = isSparse ? 100 : 500
    parameters.targetUpdateInterval = epoch > longest ? longest : nil
    parameters.biasRate = 1
    parameters.codeScale = 1
    // Classes of text are unequal; the paper's f pulls clusters towards one size.
    parameters.frequencyExponent = isSparse ? 0 : 1
    // Small corpora of text stop by themselves before that; large ones get no better by more. Dense
    // ones creep on for long: twenty epochs, or as many of those intervals.
    parameters.maxIterations = isSparse ? 2000 : 20 * min(epoch, longest)
    parameters.shuffles = true
    parameters.isReproducible = true
    parameters.augments = isPicture
    return parameters
  }
}
