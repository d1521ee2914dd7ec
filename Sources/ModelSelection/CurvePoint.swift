/// What was measured of one number of clusters.
public struct CurvePoint: Codable, Equatable, Sendable {
  /// k.
  public var clusters: Int
  /// The mean adjusted Rand index between the clusterings of two subsamples on the documents that
  /// they share.
  public var stability: Double
  /// Half of its 95 % interval.
  public var stabilityInterval: Double
  /// The stability of k-means where there are no clusters: see `StructurelessCode`.
  public var stabilityBaseline: Double
  /// The gap statistic (Tibshirani, Walther and Hastie 2001): how much less k-means leaves
  /// unexplained of the code than where there are no clusters, as a difference of logarithms.
  public var gap: Double
  /// Half of its 95 % interval.
  public var gapInterval: Double
  /// λ_k+1 − λ_k of the graph of neighbours of the pretrained code: see `GraphSpectrum`.
  public var codeEigengap: Double
  /// The same of the documents' directions by latent semantic analysis.
  public var inputEigengap: Double
  /// G = L_train / L_validation, the mean over the subsamples.
  public var generalizability: Double
  /// Half of its 95 % interval.
  public var generalizabilityInterval: Double
  /// The mean normalized mutual information with the labels; nil where there are none.
  public var nmi: Double?
  /// The mean number of iterations of the KL phase.
  public var iterations: Double

  /// The stability above what there would be without clusters, as a share of what is possible:
  /// 1 where all subsamples agree, 0 where they do no more than without clusters.
  public var correctedStability: Double {
    (stability - stabilityBaseline) / max(1e-6, 1 - stabilityBaseline)
  }

  init(
    clusters: Int, _ runs: [SubsampleRun], _ stability: Stability,
    structureless: StructurelessCode.Clusters, eigengaps: (code: Double, input: Double)
  ) {
    (codeEigengap, inputEigengap) = eigengaps
    self.clusters = clusters
    self.stability = stability.mean
    stabilityInterval = stability.interval
    stabilityBaseline = structureless.stability.mean
    let inertia = Stability.mean(runs.map(\.logInertia))
    (gap, gapInterval) = (structureless.logInertia - inertia.mean, inertia.interval)
    let g = Stability.mean(runs.map(\.generalizability))
    (generalizability, generalizabilityInterval) = (g.mean, g.interval)
    let scores = runs.compactMap(\.nmi)
    nmi = scores.isEmpty ? nil : scores.reduce(0, +) / Double(scores.count)
    iterations = Double(runs.reduce(0) { $0 + $1.iterations }) / Double(runs.count)
  }

  /// A point as it was measured elsewhere.
  init(
    clusters: Int, stability: Double, interval: Double, baseline: Double, gap: Double,
    eigengap: Double
  ) {
    (codeEigengap, inputEigengap) = (eigengap, 0)
    self.clusters = clusters
    (self.stability, stabilityInterval, stabilityBaseline) = (stability, interval, baseline)
    (self.gap, gapInterval) = (gap, 0)
    (generalizability, generalizabilityInterval, iterations) = (1, 0, 0)
  }
}
