import Collectives
import DenseMath

/// What k-means needs of the documents of all ranks, of which this rank holds a contiguous part.
///
/// Centroids are relative to `origin`. Nothing here is collective but initialisers: k-means itself
/// sends the messages.
public protocol ClusterPoints: Sendable {
  /// This rank's documents.
  var count: Int { get }
  /// The length of a centroid.
  var dimension: Int { get }
  /// The index of this rank's first document in the whole dataset.
  var first: Int { get }
  /// n, over all ranks.
  var samples: Int { get }
  /// What was subtracted from every document, `[dimension]`.
  var origin: [Float] { get }
  /// The variance of one dimension over all documents, averaged over the dimensions.
  var meanVariance: Double { get }
  var units: ExactUnits { get }

  /// The coordinates of this rank's document `i`, `[dimension]`.
  func coordinates(of i: Int) -> [Float]

  /// distances[s · count + i] ← min(itself, ‖x_i − μ_s‖²) for all of this rank's documents.
  ///
  /// - Parameter mu: `[centroids, dimension]`. A document at a centroid has distance 0.
  func lowerDistances(_ distances: inout [Float], to mu: Matrix)

  /// ‖x_i − μ_j‖² of each of this rank's documents, where j is `assignments[i]`.
  func squaredDistances(to mu: Matrix, _ assignments: [Int32]) -> [Float]

  /// The nearest centroid of each of this rank's documents, the first of equals.
  func nearest(_ mu: Matrix) -> [Int32]

  /// The sums over this rank's documents, each assigned to its nearest centroid of each set.
  func sums(nearestOf sets: [Matrix]) -> ClusterSums
}

/// Units of exact sums: coordinates and squared distances of all documents as whole numbers that
/// cannot overflow, so that sums have the same bits in any order.
public struct ExactUnits: Sendable {
  /// Units in 1 of a coordinate.
  let coordinate: Double
  /// Units in 1 of a squared distance.
  let square: Double

  /// - Parameters:
  ///   - samples: n, over all ranks.
  ///   - largest: The largest magnitude of a coordinate, over all ranks.
  ///   - largestSquare: An upper bound of all squared distances.
  init(samples: Int, largest: Double, largestSquare: Double) {
    coordinate = FixedPoint.scale(terms: samples, largest: largest)
    square = FixedPoint.scale(terms: samples, largest: largestSquare)
  }

  @inline(__always)
  func whole(_ coordinate: Float) -> Int64 {
    Int64((Double(coordinate) * self.coordinate).rounded())
  }

  /// The weight in k-means++ of a document at a squared distance; 0 where there is none yet.
  @inline(__always)
  func weight(_ squaredDistance: Float) -> Int64 {
    squaredDistance.isFinite
      ? Int64((Double(squaredDistance) * square).rounded(.toNearestOrEven)) : 0
  }
}

extension ClusterPoints {
  /// Assigns the documents of all ranks to their nearest centroid of each set. Collective.
  func sums(nearestOf sets: [Matrix], over world: any Communicator) -> ClusterSums {
    var sums = sums(nearestOf: sets)
    world.allReduce(&sums.packed)
    return sums
  }

  /// Gives each empty cluster of a set the document farthest from its own centroid, and takes it
  /// from the cluster it was in. Collective; every rank knows of the empty clusters.
  func refill(
    _ sums: inout ClusterSums, _ set: Int, centroids mu: Matrix, over world: any Communicator
  ) {
    let assignments = nearest(mu)
    var distances = squaredDistances(to: mu, assignments)
    for empty in 0..<sums.clusterCount where sums.count(set, empty) == 0 {
      var farthest = 0
      for i in distances.indices where distances[i] > distances[farthest] { farthest = i }
      let mine = distances.isEmpty ? -1 : distances[farthest]
      let most = world.allReduce(mine, by: .maximum)
      let owner = world.allReduce(
        mine == most ? Int64(first + farthest) : Int64.max, by: .minimum)
      var change = [Int64](repeating: 0, count: dimension + 1)
      if !distances.isEmpty, owner == Int64(first + farthest) {
        for (l, x) in coordinates(of: farthest).enumerated() { change[l] = units.whole(x) }
        change[dimension] = Int64(assignments[farthest])
        distances[farthest] = -1
      }
      world.allReduce(&change)
      let old = Int(change[dimension])
      guard sums.count(set, old) > 1 else { continue }
      sums.move(change[..<dimension], set, from: old, toEmpty: empty)
    }
  }
}
