import Collectives
import DenseMath
import Diagnostics
import Glibc

/// k-means over the documents of all ranks: k-means++ (Arthur and Vassilvitskii 2007), then Lloyd's
/// iterations, from several starts at once; the best inertia wins.
///
/// Every sum is taken in integers, so result and bits are the same at every number of ranks. A cluster
/// that falls empty restarts at the document farthest from its own centroid, the first of equals.
public struct KMeans {
  public var clusterCount: Int
  /// Starts; the paper's is 20.
  public var restarts = 20
  /// Of Lloyd.
  public var maxIterations = 300
  /// Stop when the centroids' squared shift is below this share of the mean variance of a dimension.
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
  /// - Parameters:
  ///   - z: This rank's documents, `[documents, latent]`.
  ///   - first: The number of the first of them in the whole dataset.
  ///   - samples: n, over all ranks.
  /// - Throws: `Failure.work` where z is not finite, on every rank.
  public func fit(
    _ z: consuming Matrix, first: Int, samples: Int, over world: any Communicator
  ) throws -> Result {
    precondition(clusterCount <= samples)
    let points = try KMeansPoints(z, first: first, samples: samples, over: world)
    var starts = seedCentroids(points, over: world)
    move(&starts, points, over: world)
    return best(of: starts, points, over: world)
  }

  /// The result that given centroids stand for, without an iteration. Collective.
  public func assign(
    _ z: consuming Matrix, to centroids: Matrix, first: Int, samples: Int,
    over world: any Communicator
  ) throws -> Result {
    let points = try KMeansPoints(z, first: first, samples: samples, over: world)
    var centred = centroids
    for j in 0..<centroids.rows {
      for l in 0..<centred.columns { centred[j, l] -= points.mean[l] }
    }
    return best(of: [centred], points, over: world)
  }

  private func move(
    _ starts: inout [Matrix], _ points: KMeansPoints, over world: any Communicator
  ) {
    // Lloyd, all starts that still move in lockstep: one message an iteration.
    var active = Array(0..<restarts)
    let threshold = tolerance * points.meanVariance
    for _ in 0..<maxIterations where !active.isEmpty {
      var step = points.assign(to: active.map { starts[$0] }, over: world)
      for (place, start) in active.enumerated() where step.counts[place].contains(0) {
        points.refill(&step, place, centroids: starts[start], over: world)
      }
      active = active.enumerated().filter { place, start in
        let moved = step.means(place, points)
        let shift = zip(moved.elements, starts[start].elements).reduce(0.0) {
          $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
        }
        starts[start] = moved
        return shift > threshold
      }.map(\.element)
    }
  }

  private func best(
    of starts: [Matrix], _ points: KMeansPoints, over world: any Communicator
  ) -> Result {
    let last = points.assign(to: starts, over: world)
    let best = starts.indices.min { last.inertia[$0] < last.inertia[$1] }!
    var centroids = starts[best]
    for j in 0..<clusterCount {
      for l in 0..<centroids.columns { centroids[j, l] += points.mean[l] }
    }
    return Result(
      centroids: centroids, assignments: points.nearest(starts[best]),
      clusterSizes: last.counts[best].map { Int($0) },
      inertia: Double(last.inertia[best]) / points.squareScale)
  }

  /// Memory of the distances that are kept at once, in floats.
  private static let distanceLimit = 1 << 23

  /// k-means++, some starts in lockstep, as many as their distances' memory allows.
  private func seedCentroids(_ points: KMeansPoints, over world: any Communicator) -> [Matrix] {
    let largest = Int(world.allReduce(Int64(points.z.rows), by: .maximum))
    let together = max(1, min(restarts, Self.distanceLimit / max(1, largest)))
    return stride(from: 0, to: restarts, by: together).flatMap {
      seedCentroids($0..<min($0 + together, restarts), points, over: world)
    }
  }

  /// k-means++ for the starts `numbers`: each next centroid is a document drawn with probability
  /// proportional to its squared distance to the nearest so far.
  private func seedCentroids(
    _ numbers: Range<Int>, _ points: KMeansPoints, over world: any Communicator
  ) -> [Matrix] {
    let c = points.z.columns
    let n = points.z.rows
    let restarts = numbers.count
    var starts = (0..<restarts).map { _ in Matrix(rows: clusterCount, columns: c) }
    var distances = [Float](repeating: .infinity, count: restarts * n)
    for j in 0..<clusterCount {
      // 1. This rank's weight of each start, and everyone's.
      let totals = distances.withUnsafeBufferPointer { d in
        (0..<restarts).map { r in
          (0..<n).reduce(Int64(0)) { $0 + points.weight(d[r * n + $1]) }
        }
      }
      let everyones = world.allGather(j == 0 ? totals.map { _ in Int64(n) } : totals)

      // 2. One draw a start, found by the rank that holds it.
      var chosen = [Float](repeating: 0, count: restarts * c)
      for r in 0..<restarts {
        let weights = everyones.map { $0[r] }
        let total = weights.reduce(0, +)
        var random = RandomStream(seed: seed, .centroids, numbers.lowerBound + r, j)
        // With fewer distinct documents than clusters nothing is left to draw: any will do.
        var target = total > 0 ? random.integer(below: total) : 0
        target -= weights[..<world.rank].reduce(0, +)
        let mine = total > 0 ? weights[world.rank] : (world.isRoot ? 1 : 0)
        guard target >= 0, target < mine else { continue }
        var i = 0
        if j == 0 {
          i = Int(target)
        } else if total > 0 {
          while true {
            target -= points.weight(distances[r * n + i])
            if target < 0 { break }
            i += 1
          }
        } else if n == 0 {
          continue
        }
        for l in 0..<c { chosen[r * c + l] = points.z[i, l] }
      }
      world.allReduce(&chosen)

      // 3. Distances to the nearest so far.
      for r in 0..<restarts {
        for l in 0..<c { starts[r][j, l] = chosen[r * c + l] }
      }
      distances.withUnsafeMutableBufferPointer { d in
        nonisolated(unsafe) let d = d
        Threads.forEach(restarts) { r in
          points.lowerDistances(d.baseAddress! + r * n, chosen, at: r * c)
        }
      }
    }
    return starts
  }
}
