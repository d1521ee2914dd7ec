import DeepClustering

/// Settings of `dec choose-k` in `run.json`, under the names of its options.
public struct SelectionRecord: Equatable, Sendable {
  /// The smallest number of clusters.
  public var from = 0
  /// The largest one.
  public var to = 0
  /// Documents, drawn at random, that subsamples are of.
  public var sample = 0
  public var seed = 0
  /// Of each KL phase; nil for as many as the cost allows.
  public var maxIterations: Int?

  public init() {}
}

extension SelectionRecord: KeyTable {
  public static var defaults: Self { Self() }

  public static var keys: [TableKey<Self>] {
    [
      TableKey("from", \.from), TableKey("to", \.to), TableKey("sample", \.sample),
      TableKey("seed", \.seed), TableKey("max_iterations", optional: \.maxIterations),
    ]
  }
}
