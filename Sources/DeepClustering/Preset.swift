/// A full set of settings.
public enum Preset: String, Codable, Sendable, CaseIterable {
  /// The paper and the authors' code to the letter; docs/method.md has the details.
  case paper
  /// Ours: better and faster; docs/method.md says why, setting by setting.
  case `default`

  /// - Parameters:
  ///   - samples: n.
  ///   - kind: What the documents are.
  public func pretraining(samples: Int, kind: CorpusKind) -> PretrainingParameters {
    var parameters = PretrainingParameters()
    guard self == .default else { return parameters }
    parameters.initialization = .glorot
    parameters.schedule = .cosine
    parameters.biasRate = 1
    parameters.corruption = 0.2
    parameters.corruptsData = true
    parameters.shuffles = true
    parameters.isReproducible = true
    parameters.augments = kind == .pictures
    switch kind {
    case .text, .embeddings:
      parameters.layers = [500, 500, 2000, 30]
      parameters.optimizer = .adam
      parameters.learningRate = 0.001
      parameters.finetuneIterations = samples < 3000 ? 300 : 600
      parameters.layerwiseIterations = parameters.finetuneIterations / 4
      parameters.hiddenDropout = 0
      parameters.finetuneCorruption = kind == .text ? 0.5 : 0.2
    case .pictures:
      parameters.optimizer = .adam
      parameters.learningRate = 0.001
      parameters.layerwiseIterations = 0
      parameters.finetuneIterations = 6500
      parameters.finetuneCorruption = 0.2
    case .vectors:
      // Tables may have any number of columns of any spectrum: Adam diverges on none of them.
      parameters.optimizer = .adam
      parameters.learningRate = 0.001
      parameters.layerwiseIterations = 0
      let epoch = (samples + parameters.batchSize - 1) / parameters.batchSize
      parameters.finetuneIterations = min(5000, max(600, 40 * epoch))
      parameters.finetuneCorruption = 0.2
    }
    return parameters
  }

  /// Trials from different seeds, of which one is kept: a small corpus's autoencoders differ much,
  /// and cost little.
  public func trials(samples: Int, kind: CorpusKind) -> Int {
    self == .default && kind == .text && samples < 3000 ? 5 : 1
  }

  public func clustering(
    clusterCount: Int, samples: Int, kind: CorpusKind
  ) -> ClusteringParameters {
    var parameters = ClusteringParameters(clusterCount: clusterCount)
    guard self == .default else { return parameters }
    let epoch = max(1, (samples + parameters.batchSize - 1) / parameters.batchSize)
    // Once an epoch; where an epoch is long the clusters settle within it, and where it is short
    // too few documents move to tell that they have.
    let isShort = kind == .text || kind == .embeddings
    let longest = isShort ? 200 : 500
    parameters.targetUpdateInterval = min(max(50, epoch), longest)
    parameters.stopsAtCollapse = true
    parameters.code = kind == .text ? .best : .raw
    parameters.biasRate = 1
    parameters.codeScale = 1
    // Classes of text are unequal; the paper's f pulls clusters towards one size.
    parameters.frequencyExponent = kind == .text ? 0 : 1
    parameters.fallbackExponent = kind == .text ? 1 : nil
    // Small corpora of text stop by themselves before that; large ones get no better by more. Dense
    // ones creep on for long: twenty epochs, or as many of those intervals. Moved pictures are new
    // at each step, and teach for longer still.
    parameters.maxIterations =
      isShort ? 1000 : (kind == .pictures ? 28 : 20) * min(epoch, longest)
    parameters.shuffles = true
    parameters.isReproducible = true
    parameters.augments = kind == .pictures
    parameters.limitKMeans(samples: samples)
    return parameters
  }
}

extension ClusteringParameters {
  /// Where n·k is large, k-means costs more than all training: it then sees 256 documents a
  /// cluster, as in Faiss, but not fewer than 100,000, from as many starts as cost 4·10⁸ distances
  /// an iteration together.
  fileprivate mutating func limitKMeans(samples: Int) {
    guard Double(samples) * Double(clusterCount) > 5e7 else { return }
    let sample = min(samples, max(256 * clusterCount, 100_000))
    initialSample = sample
    restarts = max(1, min(restarts, Int(4e8 / (Double(sample) * Double(clusterCount)))))
  }
}
