/// A full set of settings.
public enum Preset: String, Codable, Sendable, CaseIterable {
  /// The paper and the authors' code to the letter (reference.md, section 1).
  case paper
  /// Ours: better and faster; docs/default-preset.md says why, setting by setting.
  case `default`

  /// - Parameters:
  ///   - samples: n.
  ///   - isSparse: Whether the documents are text, or alike.
  public func pretraining(samples: Int, isSparse: Bool) -> PretrainingParameters {
    var parameters = PretrainingParameters()
    guard self == .default else { return parameters }
    parameters.layers = [500, 500, 2000, isSparse ? 30 : 10]
    parameters.initialization = .glorot
    parameters.optimizer = .adam
    parameters.learningRate = 0.001
    parameters.schedule = .cosine
    parameters.biasRate = 1
    parameters.finetuneIterations = isSparse ? (samples < 3000 ? 300 : 600) : 3000
    parameters.layerwiseIterations = parameters.finetuneIterations / 4
    parameters.corruption = 0.2
    parameters.corruptsData = true
    parameters.hiddenDropout = 0
    parameters.finetuneCorruption = isSparse ? 0.5 : 0.2
    parameters.shuffles = true
    parameters.isReproducible = true
    return parameters
  }

  public func clustering(clusterCount: Int) -> ClusteringParameters {
    var parameters = ClusteringParameters(clusterCount: clusterCount)
    guard self == .default else { return parameters }
    parameters.targetUpdateInterval = nil
    parameters.biasRate = 1
    parameters.codeScale = 1
    parameters.frequencyExponent = 0.5
    parameters.shuffles = true
    parameters.isReproducible = true
    return parameters
  }
}
