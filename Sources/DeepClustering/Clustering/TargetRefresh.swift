import Collectives
import Datasets
import DenseMath
import Synchronization

/// What a refresh computes over the whole corpus: codes, f_j of Eq. 3, the assignments.
///
/// q of Eq. 1 is not kept: `[documents, clusters]` of a million documents and a thousand clusters
/// is four gigabytes. It is computed again, with the same bits, from codes and centroids for the
/// documents that are asked for.
public struct TargetRefresh: Equatable, Sendable {
  /// z of this rank's documents, `[documents, code]`.
  public var codes: Matrix
  /// μ, `[clusters, code]`.
  public var centroids: Matrix
  /// f_j, over all ranks; NaN where any q_ij of any rank is not finite.
  public var softFrequencies: [Double]
  /// argmax_j q_ij of this rank's documents; the lowest of equals.
  public var assignments: [Int32]
  /// Documents per cluster, over all ranks.
  public var clusterSizes: [Int]

  /// A refresh of no documents.
  init() {
    codes = Matrix(rows: 0, columns: 0)
    centroids = codes
    (softFrequencies, assignments, clusterSizes) = ([], [], [])
  }

  /// Passes this rank's documents through the encoder. Collective.
  ///
  /// The same weights, centroids and documents give the same bits at every number of ranks: f_j is
  /// summed in integers, of 2⁻⁴⁰ or, beyond four million documents, coarser.
  public init(of data: TrainingData, through encoder: FeedForward, centroids mu: Matrix) {
    let (shard, k, c) = (data.shard, mu.rows, mu.columns)
    let scale = FixedPoint.scale(terms: data.samples, largest: 1, atMost: 40)
    var codes = Matrix(rows: shard.range.count, columns: c)
    var assignments = [Int32](repeating: 0, count: shard.range.count)
    // f_j, the sizes, and the number of values that are not finite, which no integer can hold:
    // whole numbers, whose sum does not depend on the order of the tiles.
    let total = Mutex([Int64](repeating: 0, count: 2 * k + 1))
    codes.withMutableRows { codes in
      assignments.withUnsafeMutableBufferPointer { assignments in
        nonisolated(unsafe) let assignments = assignments
        encoder.forEachTile(of: shard) { documents, outputs, first in
          let start = documents.lowerBound - shard.range.lowerBound
          let z = outputs.rows(first..<first + documents.count)
          codes[start].update(from: Rows(z)[0], count: documents.count * c)
          let q = Rows(DeepClustering.softAssignment(z, mu))
          var sums = [Int64](repeating: 0, count: 2 * k + 1)
          for i in q.indices {
            let best = q.argmax(i)
            assignments[start + i] = Int32(best)
            sums[k + best] += 1
            Self.addFrequencies(q[i], k, scale, to: &sums)
          }
          total.withLock { total in for e in total.indices { total[e] += sums[e] } }
        }
      }
    }
    var sums = total.withLock { $0 }
    data.world.allReduce(&sums)
    let isFinite = sums[2 * k] == 0
    softFrequencies = sums[..<k].map { isFinite ? Double($0) / scale : .nan }
    clusterSizes = sums[k..<2 * k].map { Int($0) }
    (self.codes, self.centroids, self.assignments) = (codes, mu, assignments)
  }

  @inline(__always)
  private static func addFrequencies(
    _ q: UnsafePointer<Float>, _ k: Int, _ scale: Double, to sums: inout [Int64]
  ) {
    for j in 0..<k {
      let value = (Double(q[j]) * scale).rounded()
      if value.isFinite { sums[j] += Int64(value) } else { sums[2 * k] += 1 }
    }
  }

  /// q of some of this rank's documents, `[documents, clusters]`.
  ///
  /// - Parameter documents: Counted from this rank's first.
  public func softAssignment(of documents: Range<Int>) -> Matrix {
    DeepClustering.softAssignment(codes.rows(documents), centroids)
  }

  /// The most probable clusters of some of this rank's documents, on all threads.
  ///
  /// - Parameters:
  ///   - documents: Counted from this rank's first.
  ///   - count: m, at most k.
  public func topClusters(_ count: Int, of documents: Range<Int>) -> TopClusters {
    var top = TopClusters(documents: documents.count, count: count)
    top.probabilities.withMutableRows { probabilities in
      top.clusters.withUnsafeMutableBufferPointer { clusters in
        nonisolated(unsafe) let clusters = clusters
        Threads.split(documents.count, grain: 256) { part in
          let first = documents.lowerBound
          let q = softAssignment(of: first + part.lowerBound..<first + part.upperBound)
          let rows = Rows(q)
          for i in rows.indices {
            let row = part.lowerBound + i
            TopClusters.select(
              rows[i], of: q.columns, count, probabilities[row],
              clusters.baseAddress! + row * count)
          }
        }
      }
    }
    return top
  }
}

/// The m most probable clusters of each of some documents, in descending order of q; of equals the
/// lowest first.
public struct TopClusters: Equatable, Sendable {
  /// Their q, `[documents, m]`.
  public fileprivate(set) var probabilities: Matrix
  /// Which they are, `[documents, m]` row after row.
  public fileprivate(set) var clusters: [Int32]

  fileprivate init(documents: Int, count: Int) {
    probabilities = Matrix(rows: documents, columns: count)
    clusters = [Int32](repeating: 0, count: documents * count)
  }

  /// Inserts each of a row's values where it belongs among the largest so far.
  @inline(__always)
  fileprivate static func select(
    _ q: UnsafePointer<Float>, of k: Int, _ count: Int, _ values: UnsafeMutablePointer<Float>,
    _ clusters: UnsafeMutablePointer<Int32>
  ) {
    for j in 0..<k {
      var place = min(j, count)
      if place == count, q[j] <= values[count - 1] { continue }
      if place == count { place -= 1 }
      while place > 0, q[j] > values[place - 1] {
        (values[place], clusters[place]) = (values[place - 1], clusters[place - 1])
        place -= 1
      }
      (values[place], clusters[place]) = (q[j], Int32(j))
    }
  }
}
