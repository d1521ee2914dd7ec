import ClusteringMetrics
import Collectives

/// How well clusterings of subsamples agree on the documents that they share: the mean adjusted
/// Rand index over all pairs, with its interval.
struct Stability: Equatable {
  var mean: Double
  /// Half of the 95 % interval of the mean, by the jackknife over the subsamples: pairs that share
  /// a subsample are not independent.
  var interval: Double

  /// - Parameter indices: The adjusted Rand index of each pair of the `count` subsamples.
  init(_ indices: [(pair: (Int, Int), index: Double)], subsamples count: Int) {
    func average(without b: Int?) -> Double {
      let kept = indices.filter { $0.pair.0 != b && $0.pair.1 != b }.map(\.index)
      return kept.isEmpty ? 0 : kept.reduce(0, +) / Double(kept.count)
    }
    mean = average(without: nil)
    guard count > 2 else {
      interval = 0
      return
    }
    let others = (0..<count).map { average(without: $0) }
    let centre = others.reduce(0, +) / Double(count)
    let squares = others.reduce(0) { $0 + ($1 - centre) * ($1 - centre) }
    let error = (squares * Double(count - 1) / Double(count)).squareRoot()
    interval = Self.studentQuantile(freedom: count - 1) * error
  }

  /// The stability of clusterings of all ranks' documents. Collective.
  ///
  /// - Parameters:
  ///   - assignments: Of this rank's documents of the sample, by each subsample's clustering.
  ///   - first: The index in the sample of the first of them.
  ///   - k: Clusters.
  init(
    _ assignments: [[Int32]], from first: Int, _ subsamples: Subsamples, clusters k: Int,
    over world: any Communicator
  ) {
    let pairs = subsamples.pairs
    var counts: [Int64] = []
    for (a, b) in pairs {
      let shared = assignments[a].indices.filter {
        subsamples.contains(first + $0, in: a) && subsamples.contains(first + $0, in: b)
      }
      counts +=
        Contingency(
          labels: shared.map { assignments[a][$0] }, assignments: shared.map { assignments[b][$0] },
          clusters: k, classes: k
        ).counts
    }
    world.allReduce(&counts)
    let indices = pairs.enumerated().map { i, pair in
      var table = Contingency(clusters: k, classes: k)
      table.counts = Array(counts[i * k * k..<(i + 1) * k * k])
      return (pair, adjustedRandIndex(table) ?? 0)
    }
    self.init(indices, subsamples: subsamples.documents.count)
  }

  /// The mean of independent values, and half of its 95 % interval.
  static func mean(_ values: [Double]) -> (mean: Double, interval: Double) {
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    guard values.count > 2 else { return (mean, 0) }
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let error = (squares / (n * (n - 1))).squareRoot()
    return (mean, studentQuantile(freedom: values.count - 1) * error)
  }

  /// The 97.5 % quantile of Student's t distribution of 2 to 9 degrees of freedom; that of the
  /// normal distribution beyond.
  private static func studentQuantile(freedom: Int) -> Double {
    let quantiles = [4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262]
    return freedom - 2 < quantiles.count ? quantiles[freedom - 2] : 1.96
  }
}
