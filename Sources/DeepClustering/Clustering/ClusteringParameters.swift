/// Settings of the clustering phase; the defaults are the paper's (Section 4.3) and the authors'
/// code's.
public struct ClusteringParameters: Equatable, Sendable {
  /// k.
  public var clusterCount: Int
  /// λ, minibatches between two refreshes; nil for once an epoch.
  public var targetUpdateInterval: Int? = 40
  /// Stop when a smaller fraction of documents changes cluster between refreshes: tol = 0.1 %.
  public var labelChangeTolerance = 0.001
  /// Stop after so many minibatches; nil for no limit, as in the paper.
  public var maxIterations: Int?
  public var learningRate = 0.01
  /// Starts from zero at each refresh, as in the authors' code.
  public var momentum = 0.9
  /// Biases learn at this multiple of the rate.
  public var biasRate = 2.0
  /// Global.
  public var batchSize = 256
  /// Which form of the code is clustered.
  public var code = CodeChoice.raw
  /// The root-mean-square distance of a document to its centroid that the code is scaled to before
  /// the phase, in units of the Student kernel (docs/method.md, "Code scale"); 0 leaves it as it
  /// is.
  public var codeScale = 0.0
  /// Of f_j in Eq. 3.
  public var frequencyExponent = 1.0
  /// The exponent of a second attempt, where the first moves the clusters away from the data (see
  /// `DEC.fit`); nil for one attempt, whatever it yields.
  public var fallbackExponent: Double?
  /// Whether the input decides between forms of the code, or attempts.
  var asksTheInput: Bool { code == .best || fallbackExponent != nil }
  /// Dropout of the inputs that the gradients see; the targets come from clean ones.
  public var corruption = 0.0
  /// Whether the phase ends, and goes back to the refresh before, where clusters collapse: see
  /// `Collapse`.
  public var stopsAtCollapse = false
  /// Whether the gradients see pictures shifted and turned at random, anew at each step: see
  /// `Augmentation`; the targets come from the pictures as they are. Other documents never are.
  public var augments = false
  /// The paper's "DEC w/o backprop": only the centroids learn.
  public var freezesEncoder = false
  /// Of k-means.
  public var restarts = 20
  /// Documents, evenly spaced in the corpus, that k-means sees; nil for all.
  public var initialSample: Int?
  /// Whether documents are shuffled inside their lane, anew each epoch.
  public var shuffles = false
  /// Whether gradients have the same bits at every number of ranks, by rounding what is multiplied
  /// into them to 8 bits.
  public var isReproducible = false
  /// What weights' gradients travel as.
  public var wirePrecision = WirePrecision.float32
  public var seed = 0

  public init(clusterCount: Int) { self.clusterCount = clusterCount }
}

/// Which form of the code is to be clustered.
public enum CodeChoice: String, Codable, Sendable, CaseIterable {
  case raw, unit
  /// The one whose clusters agree best with the input's: see `InputDirections`.
  case best

  /// The form that was asked for; nil where it is to be chosen.
  var form: CodeForm? {
    switch self {
    case .raw: .raw
    case .unit: .unit
    case .best: nil
    }
  }
}
