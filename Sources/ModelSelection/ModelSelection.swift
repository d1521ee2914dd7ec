import ClusteringMetrics
import Collectives
import DeepClustering
import DenseMath

/// Figure 6 of the paper made useful: how the clusters of several k generalise and how stable they
/// are.
///
/// From one pretrained autoencoder, for each k and each of B subsamples of a sample of the
/// documents, k-means and the KL phase train on the subsample, and cluster the sample. No label
/// steers it.
public struct ModelSelection {
  /// The numbers of clusters.
  public var range: ClosedRange<Int>
  /// B.
  public var subsampleCount = 5
  /// The share of the sample's documents that each subsample has; the others validate.
  public var share = 0.7
  /// The settings of a KL phase of k clusters, on so many documents.
  public var clustering: (_ clusters: Int, _ samples: Int) -> ClusteringParameters
  /// Of all random numbers.
  public var seed = 0
  /// What all may cost, as a multiple of one run.
  public var cost = 2.5
  /// Most iterations of each KL phase; nil for as many as `cost` allows.
  public var maxIterations: Int?
  /// Starts of k-means.
  public var restarts = 10

  public init(
    range: ClosedRange<Int>,
    clustering: @escaping (_ clusters: Int, _ samples: Int) -> ClusteringParameters
  ) {
    self.range = range
    self.clustering = clustering
  }

  /// The documents of a selection.
  public struct Documents {
    /// All.
    let all: TrainingData
    /// The sample that subsamples are of.
    let sample: TrainingData
    /// The classes of this rank's documents of the sample, -1 for none; nil without labels.
    let labels: [Int32]?
    /// The sample whose graph of neighbours is looked at.
    let graph: TrainingData
    /// Documents with the given indices in the sample, ascending; collective.
    let choose: ([Int]) throws -> TrainingData

    public init(
      _ all: TrainingData, sample: TrainingData, labels: [Int32]?, graph: TrainingData,
      choose: @escaping ([Int]) throws -> TrainingData
    ) {
      (self.all, self.sample, self.labels, self.graph) = (all, sample, labels, graph)
      self.choose = choose
    }
  }

  /// The curves over k. Collective; the same on every rank, and at every number of ranks.
  ///
  /// - Parameters:
  ///   - autoencoder: What `pretraining` has trained.
  ///   - observe: Told of each point when it is there.
  /// - Throws: `Failure.work` where a loss is no longer finite; what `observe` throws.
  public func curves(
    of documents: Documents, from autoencoder: Autoencoder, _ pretraining: PretrainingParameters,
    observe: (CurvePoint) throws -> Void = { _ in }
  ) throws -> [CurvePoint] {
    let (sample, world) = (documents.sample, documents.sample.world)
    let subsamples = Subsamples(
      count: subsampleCount, share: share, of: sample.samples, seed: seed)
    let parts = try subsamples.documents.map { try documents.choose($0) }
    var encoder = autoencoder
    encoder.setCode(clustering(range.lowerBound, subsamples.size).code == .raw ? .raw : .unit)
    let structureless = StructurelessCode(
      of: encoder.encoder.embed(sample.shard), sample, seed: seed)
    let (graph, last) = (documents.graph, range.upperBound)
    let spectra = (
      code: try GraphSpectrum(of: encoder.encoder.embed(graph.shard), graph, upTo: last),
      input: try GraphSpectrum(of: graph.directions(in: documents.all), graph, upTo: last)
    )
    return try range.map { k in
      let parameters = self.parameters(
        k, subsamples.size, documents, pretraining)
      let runs = try parts.enumerated().map { b, part in
        try SubsampleRun(b, of: subsamples, on: part, documents, from: autoencoder, parameters)
      }
      let point = CurvePoint(
        clusters: k, runs,
        Stability(
          runs.map(\.assignments), from: sample.shard.range.lowerBound, subsamples, clusters: k,
          over: world),
        structureless: try structureless.clusters(
          k, restarts: restarts, subsamples, over: world),
        eigengaps: (spectra.code.gap(after: k), spectra.input.gap(after: k)))
      try observe(point)
      return point
    }
  }

  /// The settings of the KL phases of k clusters.
  private func parameters(
    _ k: Int, _ subsample: Int, _ documents: Documents, _ pretraining: PretrainingParameters
  ) -> ClusteringParameters {
    var parameters = clustering(k, subsample)
    // One form of the code and one attempt: it ends before clusters collapse, and what it leaves is
    // measured.
    parameters.code = parameters.code == .raw ? .raw : .unit
    parameters.fallbackExponent = nil
    parameters.initialSample = nil
    parameters.restarts = restarts
    let cost = SelectionCost(
      features: documents.sample.features, samples: documents.all.samples, pretraining)
    let affordable = cost.iterations(
      runs: range.count * subsampleCount, factor: self.cost,
      whole: clustering(k, documents.all.samples), part: parameters, subsample: subsample,
      evaluated: documents.sample.samples, least: 10)
    parameters.maxIterations = min(affordable, maxIterations ?? affordable)
    return parameters
  }
}
