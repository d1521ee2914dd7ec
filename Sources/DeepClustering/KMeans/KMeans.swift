import Collectives
import DenseMath

/// k-means over the documents of all ranks: k-means++ (Arthur and Vassilvitskii 2007), then Lloyd's
/// iterations, from several starts at once; the best inertia wins.
///
/// Every sum is taken in integers, so result and bits are the same at every number of ranks. A
/// cluster that falls empty restarts at the document farthest from its own centroid, the first of
/// equals.
public struct KMeans {
  public var clusterCount: Int
  /// Starts; the paper's is 20.
  public var restarts = 20
  /// Of Lloyd.
  public var maxIterations = 300
  /// Stop when the centroids' squared shift is below this share of the mean variance of a
  /// dimension.
  public var tolerance = 1e-4
  public var seed: UInt64 = 0

  public init(clusterCount: Int) { self.clusterCount = clusterCount }

  public struct Result: Equatable, Sendable {
    /// `[clusters, latent]`.
    public var centroids: Matrix
    /// Of this rank's documents.
    public var assignments: [Int32]
    /// Documents per cluster, over all ranks.
    public var clusterSizes: [Int]
    /// Σ_i ‖z_i − μ‖², over all ranks.
    public var inertia: Double
  }

  /// Clusters the documents of all ranks. Collective.
  ///
  /// - Returns: The same centroids on every rank, and this rank's assignments.
  public func fit(_ points: some ClusterPoints, over world: any Communicator) -> Result {
    precondition(clusterCount <= points.samples)
    var starts = seedCentroids(points, over: world)
    move(&starts, points, over: world)
    return best(of: starts, points, over: world)
  }

  /// Clusters dense documents of all ranks; see `DensePoints`. Collective.
  public func fit(
    _ z: consuming Matrix, first: Int, samples: Int, over world: any Communicator
  ) throws -> Result {
    fit(try DensePoints(z, first: first, samples: samples, over: world), over: world)
  }

  /// The result that given centroids stand for, without an iteration. Collective.
  public func assign(
    _ points: some ClusterPoints, to centroids: Matrix, over world: any Communicator
  ) -> Result {
    var mu = centroids
    let origin = points.origin
    for j in 0..<mu.rows {
      for l in 0..<mu.columns { mu[j, l] -= origin[l] }
    }
    return best(of: [mu], points, over: world)
  }

  /// The result that given centroids stand for, for dense documents. Collective.
  public func assign(
    _ z: consuming Matrix, to centroids: Matrix, first: Int, samples: Int,
    over world: any Communicator
  ) throws -> Result {
    assign(
      try DensePoints(z, first: first, samples: samples, over: world), to: centroids, over: world)
  }

  /// Lloyd's iterations, all starts that still move in lockstep: one message an iteration.
  private func move(
    _ starts: inout [Matrix], _ points: some ClusterPoints, over world: any Communicator
  ) {
    var active = Array(0..<restarts)
    let threshold = tolerance * points.meanVariance
    for _ in 0..<maxIterations where !active.isEmpty {
      var sums = points.sums(nearestOf: active.map { starts[$0] }, over: world)
      for (set, start) in active.enumerated() where sums.counts(set).contains(0) {
        points.refill(&sums, set, centroids: starts[start], over: world)
      }
      active = active.enumerated().filter { set, start in
        let moved = sums.means(set, points.units)
        let shift = zip(moved.elements, starts[start].elements).reduce(0.0) {
          $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
        }
        starts[start] = moved
        return shift > threshold
      }.map(\.element)
    }
  }

  private func best(
    of starts: [Matrix], _ points: some ClusterPoints, over world: any Communicator
  ) -> Result {
    let last = points.sums(nearestOf: starts, over: world)
    let best = starts.indices.min { last.inertia($0) < last.inertia($1) }!
    var centroids = starts[best]
    let origin = points.origin
    for j in 0..<clusterCount {
      for l in 0..<centroids.columns { centroids[j, l] += origin[l] }
    }
    return Result(
      centroids: centroids, assignments: points.nearest(starts[best]),
      clusterSizes: last.counts(best).map { Int($0) },
      inertia: Double(last.inertia(best)) / points.units.square)
  }
}
