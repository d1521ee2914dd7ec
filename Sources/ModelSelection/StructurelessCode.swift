import Collectives
import DeepClustering
import DenseMath
import Glibc

/// Points spread as a code is, without its clusters: along each principal component the code's own
/// coordinates, each in an order of its own. k-means on it says how stable clusters are that are
/// not there, which for few clusters is much.
struct StructurelessCode {
  /// `[samples, code]`, the same on every rank.
  let points: Matrix

  /// Collective.
  ///
  /// - Parameters:
  ///   - code: z of this rank's documents of the sample.
  ///   - sample: Whose documents they are.
  init(of code: Matrix, _ sample: TrainingData, seed: Int) {
    let (samples, d) = (sample.samples, code.columns)
    let all = sample.gather(code).elements
    let means = (0..<d).map { c in
      (0..<samples).reduce(0.0) { $0 + Double(all[$1 * d + c]) } / Double(samples)
    }
    let centred = all.indices.map { Double(all[$0]) - means[$0 % d] }
    let axes = symmetricEigenvectors(gramMatrix(centred, columns: d), d).vectors
    var points = Matrix(rows: samples, columns: d)
    for component in 0..<d {
      var random = RandomStream(seed: UInt64(seed), .sample, 2000 + component)
      var order = Array(0..<samples)
      order.shuffle(using: &random)
      let axis = Array(axes[component * d..<(component + 1) * d])
      points.withMutableRows { points in
        for i in 0..<samples {
          let row = order[i] * d
          var sum = 0.0
          for c in 0..<d { sum += axis[c] * centred[row + c] }
          points[i, component] = Float(sum)
        }
      }
    }
    self.points = points
  }

  /// What k-means makes of these points.
  struct Clusters {
    var stability: Stability
    /// ln of the inertia, the mean over the subsamples.
    var logInertia: Double
  }

  /// Clusters the subsamples, which the ranks share out. Collective.
  func clusters(
    _ k: Int, restarts: Int, _ subsamples: Subsamples, over world: any Communicator
  ) throws -> Clusters {
    let samples = points.rows
    let count = subsamples.documents.count
    var assignments = [Int32](repeating: 0, count: samples * count)
    var inertias = [Double](repeating: 0, count: count)
    var means = KMeans(clusterCount: k)
    means.restarts = restarts
    for b in 0..<count where b % world.size == world.rank {
      means.seed = UInt64(b)
      let alone = SoloCommunicator()
      var chosen = Matrix(rows: 0, columns: points.columns)
      chosen.gatherRows(subsamples.documents[b], of: points)
      let found = try means.fit(chosen, first: 0, samples: subsamples.size, over: alone)
      inertias[b] = found.inertia
      let all = try means.assign(
        points, to: found.centroids, first: 0, samples: samples, over: alone)
      assignments.replaceSubrange(b * samples..<(b + 1) * samples, with: all.assignments)
    }
    // The other ranks' elements are zeros.
    world.allReduce(&assignments)
    world.allReduce(&inertias)
    let logarithms = inertias.map { log(max($0, .leastNormalMagnitude)) }
    return Clusters(
      stability: Stability(
        (0..<count).map { Array(assignments[$0 * samples..<($0 + 1) * samples]) }, from: 0,
        subsamples, clusters: k, over: SoloCommunicator()),
      logInertia: logarithms.reduce(0, +) / Double(count))
  }
}
