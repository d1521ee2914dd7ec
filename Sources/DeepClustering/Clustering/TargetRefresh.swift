import Collectives
import Datasets
import DenseMath
import Glibc

/// What a refresh computes over the whole corpus: q of Eq. 1, f_j of Eq. 3, the assignments.
public struct TargetRefresh: Equatable, Sendable {
  /// q of this rank's documents, `[documents, clusters]`.
  public var softAssignment: Matrix
  /// f_j, over all ranks.
  public var softFrequencies: [Double]
  /// argmax_j q_ij of this rank's documents; the lowest of equals.
  public var assignments: [Int32]
  /// Documents per cluster, over all ranks.
  public var clusterSizes: [Int]

  /// A refresh of no documents.
  init() {
    softAssignment = Matrix(rows: 0, columns: 0)
    (softFrequencies, assignments, clusterSizes) = ([], [], [])
  }

  /// Passes this rank's documents through the encoder. Collective.
  ///
  /// The same weights, centroids and documents give the same bits at every number of ranks: f_j is
  /// summed in integers, of 2⁻⁴⁰ or, beyond four million documents, coarser.
  public init(of data: TrainingData, through encoder: FeedForward, centroids mu: Matrix) {
    let (shard, k) = (data.shard, mu.rows)
    var q = Matrix(rows: shard.range.count, columns: k)
    var assignments = [Int32](repeating: 0, count: shard.range.count)
    q.withUnsafeMutableElements { q in
      nonisolated(unsafe) let q = q
      assignments.withUnsafeMutableBufferPointer { assignments in
        nonisolated(unsafe) let assignments = assignments
        encoder.forEachTile(of: shard) { documents, outputs, first in
          let tile = DeepClustering.softAssignment(
            outputs.rows(first..<first + documents.count), mu)
          let start = documents.lowerBound - shard.range.lowerBound
          tile.withUnsafeElements { tile in
            for i in 0..<documents.count {
              var best = 0
              for j in 0..<k {
                q[(start + i) * k + j] = tile[i * k + j]
                if tile[i * k + j] > tile[i * k + best] { best = j }
              }
              assignments[start + i] = Int32(best)
            }
          }
        }
      }
    }

    let scale = exp2(Double(FixedPoint.shift(terms: data.samples, largest: 1, atMost: 40)))
    var sums = [Int64](repeating: 0, count: 2 * k)
    q.withUnsafeElements { q in
      for i in assignments.indices {
        for j in 0..<k { sums[j] += Int64((Double(q[i * k + j]) * scale).rounded()) }
        sums[k + Int(assignments[i])] += 1
      }
    }
    data.world.allReduce(&sums)
    softAssignment = q
    softFrequencies = sums[..<k].map { Double($0) / scale }
    self.assignments = assignments
    clusterSizes = sums[k...].map { Int($0) }
  }
}

/// Sums that do not depend on the order of their terms: integers of 2^-shift.
enum FixedPoint {
  /// The largest shift at which `terms` numbers of magnitude up to `largest` cannot overflow.
  static func shift(terms: Int, largest: Double, atMost limit: Int = 60) -> Int {
    let bits = log2(Double(terms + 1)).rounded(.up) + log2(max(largest, 1e-30)).rounded(.up)
    return min(limit, 62 - Int(bits))
  }
}
