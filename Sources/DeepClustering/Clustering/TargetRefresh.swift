import Collectives
import Datasets
import DenseMath

/// What a refresh computes over the whole corpus: q of Eq. 1, f_j of Eq. 3, the assignments.
public struct TargetRefresh: Equatable, Sendable {
  /// q of this rank's documents, `[documents, clusters]`.
  public var softAssignment: Matrix
  /// f_j, over all ranks; NaN where any q_ij of any rank is not finite.
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
    q.withMutableRows { q in
      assignments.withUnsafeMutableBufferPointer { assignments in
        nonisolated(unsafe) let assignments = assignments
        encoder.forEachTile(of: shard) { documents, outputs, first in
          let tile = Rows(
            DeepClustering.softAssignment(outputs.rows(first..<first + documents.count), mu))
          let start = documents.lowerBound - shard.range.lowerBound
          q[start].update(from: tile[0], count: tile.count * k)
          for i in tile.indices { assignments[start + i] = Int32(tile.argmax(i)) }
        }
      }
    }
    softAssignment = q

    let scale = FixedPoint.scale(terms: data.samples, largest: 1, atMost: 40)
    let rows = Rows(q)
    // f_j, the sizes, and the number of values that are not finite, which no integer can hold.
    var sums = [Int64](repeating: 0, count: 2 * k + 1)
    for i in rows.indices {
      for j in 0..<k {
        let value = (Double(rows[i, j]) * scale).rounded()
        if value.isFinite { sums[j] += Int64(value) } else { sums[2 * k] += 1 }
      }
      sums[k + Int(assignments[i])] += 1
    }
    data.world.allReduce(&sums)
    let isFinite = sums[2 * k] == 0
    softFrequencies = sums[..<k].map { isFinite ? Double($0) / scale : .nan }
    self.assignments = assignments
    clusterSizes = sums[k..<2 * k].map { Int($0) }
  }
}
