import Collectives
import DenseMath

extension KMeans {
  /// Memory of the distances that are kept at once, in floats.
  private static let distanceLimit = 1 << 23

  /// k-means++, some starts in lockstep, as many as their distances' memory allows.
  func seedCentroids(_ points: some ClusterPoints, over world: any Communicator) -> [Matrix] {
    let largest = Int(world.allReduce(Int64(points.count), by: .maximum))
    let together = max(1, min(restarts, Self.distanceLimit / max(1, largest)))
    return stride(from: 0, to: restarts, by: together).flatMap {
      seedCentroids($0..<min($0 + together, restarts), points, over: world)
    }
  }

  /// k-means++ for the starts `numbers`: each next centroid is a document drawn with probability
  /// proportional to its squared distance to the nearest so far.
  private func seedCentroids(
    _ numbers: Range<Int>, _ points: some ClusterPoints, over world: any Communicator
  ) -> [Matrix] {
    let (c, n) = (points.dimension, points.count)
    var starts = numbers.map { _ in Matrix(rows: clusterCount, columns: c) }
    var distances = [Float](repeating: .infinity, count: numbers.count * n)
    for j in 0..<clusterCount {
      // 1. This rank's weight of each start, and everyone's. All documents weigh the same at first.
      let weights = starts.indices.map { r in
        j == 0
          ? Int64(n)
          : distances[r * n..<(r + 1) * n].reduce(0) { $0 + points.units.weight($1) }
      }
      let everyones = world.allGather(weights)

      // 2. One draw a start, found by the rank that holds it.
      var chosen = Matrix(rows: numbers.count, columns: c)
      for (r, number) in numbers.enumerated() {
        var random = RandomStream(seed: seed, .centroids, number, j)
        let i = draw(&random, weights: everyones.map { $0[r] }, over: world) { i in
          j == 0 ? 1 : points.units.weight(distances[r * n + i])
        }
        guard let i, i < n else { continue }
        for (l, x) in points.coordinates(of: i).enumerated() { chosen[r, l] = x }
      }
      chosen.withUnsafeMutableElements { world.allReduce($0, by: .sum) }

      // 3. Distances to the nearest so far.
      for r in starts.indices {
        for l in 0..<c { starts[r][j, l] = chosen[r, l] }
      }
      points.lowerDistances(&distances, to: chosen)
    }
    return starts
  }

  /// Draws one document of all ranks, with probability proportional to its weight.
  ///
  /// - Parameters:
  ///   - weights: Of each rank's documents together.
  ///   - weight: Of this rank's document i.
  /// - Returns: Its index among this rank's documents; nil where another rank holds it. Where all
  ///   weights are 0, with fewer distinct documents than clusters, any document will do: 0 on rank
  ///   0.
  private func draw(
    _ random: inout RandomStream, weights: [Int64], over world: any Communicator,
    weight: (Int) -> Int64
  ) -> Int? {
    let total = weights.reduce(0, +)
    guard total > 0 else { return world.isRoot ? 0 : nil }
    var target = random.integer(below: total) - weights[..<world.rank].reduce(0, +)
    guard target >= 0, target < weights[world.rank] else { return nil }
    var i = 0
    while true {
      target -= weight(i)
      if target < 0 { return i }
      i += 1
    }
  }
}
