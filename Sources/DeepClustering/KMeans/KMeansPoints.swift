import Collectives
import DenseMath
import Diagnostics
import Glibc

/// This rank's documents, moved so that the mean of all is 0 (expanded distances cancel digits far from
/// the origin), and the sums that Lloyd's iteration needs, exact at any number of ranks.
struct KMeansPoints {
  /// `[documents, latent]`, centred.
  var z: Matrix
  /// What was subtracted.
  let mean: [Float]
  /// Of a dimension, averaged over the dimensions.
  private(set) var meanVariance = 0.0
  /// Units in 1 of integer sums of coordinates.
  private let scale: Double
  /// Units in 1 of integer sums of squared distances.
  let squareScale: Double
  private let first: Int
  private static let tileRows = 256

  /// - Parameter z: Moved in place where the caller gives it away: of many documents one copy is enough.
  init(
    _ z: consuming Matrix, first: Int, samples: Int, over world: any Communicator
  ) throws {
    func largest(_ z: Matrix) -> Double {
      // Not a maximum of a NaN, which compares false with everything.
      z.isFinite
        ? z.withUnsafeElements { Double($0.reduce(0) { max($0, abs($1)) }) } : .infinity
    }
    let bound = world.allReduce(largest(z), by: .maximum)
    guard bound.isFinite else {
      throw Failure.breakdown(.kMeans, iteration: 0, option: "--pretrain-learning-rate")
    }
    let c = z.columns
    let coarse = exp2(Double(FixedPoint.shift(terms: samples, largest: bound)))
    var sums = [Int64](repeating: 0, count: c)
    let rows = z.rows
    z.withUnsafeElements { z in
      for i in 0..<rows {
        for l in 0..<c { sums[l] += Int64((Double(z[i * c + l]) * coarse).rounded()) }
      }
    }
    world.allReduce(&sums)
    let mean = sums.map { Float(Double($0) / coarse / Double(samples)) }
    z.withUnsafeMutableElements { z in
      for i in 0..<rows {
        for l in 0..<c { z[i * c + l] -= mean[l] }
      }
    }
    let radius = world.allReduce(largest(z), by: .maximum)
    self.z = z
    self.mean = mean
    self.first = first
    scale = exp2(Double(FixedPoint.shift(terms: samples, largest: radius)))
    squareScale = exp2(
      Double(FixedPoint.shift(terms: samples, largest: 4 * Double(c) * radius * radius)))
    var squares: Int64 = 0
    self.z.withUnsafeElements { for v in $0 { squares += weight(v * v) } }
    meanVariance =
      Double(world.allReduce(squares)) / squareScale / Double(samples) / Double(c)
  }

  /// A squared distance in integer units.
  @inline(__always)
  func weight(_ squaredDistance: Float) -> Int64 {
    squaredDistance.isFinite
      ? Int64((Double(squaredDistance) * squareScale).rounded(.toNearestOrEven)) : 0
  }

  /// distances[i] ← min(distances[i], ‖z_i − μ‖²).
  func lowerDistances(_ distances: UnsafeMutablePointer<Float>, _ mu: [Float], at place: Int) {
    let c = z.columns
    z.withUnsafeElements { z in
      mu.withUnsafeBufferPointer { mu in
        for i in 0..<self.z.rows {
          var distance: Float = 0
          for l in 0..<c {
            let difference = z[i * c + l] - mu[place + l]
            distance += difference * difference
          }
          distances[i] = min(distances[i], distance)
        }
      }
    }
  }

  /// What an assignment of all documents sums to, for several sets of centroids.
  struct Sums {
    /// `[set][cluster * latent]`, in units of `scale`.
    var coordinates: [[Int64]]
    /// `[set][cluster]`.
    var counts: [[Int64]]
    /// `[set]`, in units of `squareScale`.
    var inertia: [Int64]

    func means(_ set: Int, _ points: KMeansPoints) -> Matrix {
      let k = counts[set].count
      let c = coordinates[set].count / k
      var mu = Matrix(rows: k, columns: c)
      for j in 0..<k {
        for l in 0..<c where counts[set][j] > 0 {
          let sum = Double(coordinates[set][j * c + l]) / points.scale
          mu[j, l] = Float(sum / Double(counts[set][j]))
        }
      }
      return mu
    }
  }

  /// Assigns every document to its nearest centroid of each set, and sums over all ranks. Collective.
  func assign(to sets: [Matrix], over world: any Communicator) -> Sums {
    let (c, k) = (z.columns, sets[0].rows)
    let width = k * (c + 1) + 1
    let (parts, setCount) = (Threads.count, sets.count)
    var sums = [[Int64]](
      repeating: [Int64](repeating: 0, count: sets.count * width), count: parts)
    sums.withUnsafeMutableBufferPointer { sums in
      nonisolated(unsafe) let sums = sums
      let whole = UnsafeMutableBufferPointer<Int64>.allocate(capacity: parts * c)
      defer { whole.deallocate() }
      nonisolated(unsafe) let numbers = whole.baseAddress!
      forEachTile(to: sets, parts) { part, _, document, nearest, distance in
        // The document in whole numbers of 1 / scale, once for all sets.
        let whole = numbers + part * c
        for l in 0..<c { whole[l] = Int64((Double(document[l]) * scale).rounded()) }
        sums[part].withUnsafeMutableBufferPointer { sums in
          for s in 0..<setCount {
            let base = s * width
            let j = Int(nearest[s])
            // No overflow: `scale` leaves room for the sum of all documents.
            for l in 0..<c { sums[base + j * c + l] &+= whole[l] }
            sums[base + k * c + j] += 1
            sums[base + width - 1] += weight(distance[s])
          }
        }
      }
    }
    var total = sums[0]
    for part in sums.dropFirst() {
      for e in total.indices { total[e] += part[e] }
    }
    world.allReduce(&total)
    let bases = sets.indices.map { $0 * width }
    return Sums(
      coordinates: bases.map { Array(total[$0..<$0 + k * c]) },
      counts: bases.map { Array(total[$0 + k * c..<$0 + width - 1]) },
      inertia: bases.map { total[$0 + width - 1] })
  }

  /// The nearest centroid of each of this rank's documents, the lowest of equals.
  func nearest(_ mu: Matrix) -> [Int32] {
    var result = [Int32](repeating: 0, count: z.rows)
    result.withUnsafeMutableBufferPointer { result in
      nonisolated(unsafe) let result = result
      forEachTile(to: [mu], Threads.count) { _, i, _, nearest, _ in result[i] = nearest[0] }
    }
    return result
  }

  /// Calls `body` with every document, its number and coordinates, and its nearest centroids and squared
  /// distances, one of each set.
  ///
  /// One product a tile does the work of all sets; tiles lie on the grid of the whole dataset, so that
  /// bits do not depend on the number of ranks.
  private func forEachTile(
    to sets: [Matrix], _ parts: Int,
    _ body: (
      _ part: Int, _ i: Int, _ document: UnsafePointer<Float>, _ nearest: UnsafePointer<Int32>,
      _ distance: UnsafePointer<Float>
    ) -> Void
  ) {
    let (c, k) = (z.columns, sets[0].rows)
    let mu = Matrix(rows: sets.count * k, columns: c, elements: sets.flatMap(\.elements))
    let half = (0..<mu.rows).map { j in mu.row(j).reduce(Float(0)) { $0 + $1 * $1 } / 2 }
    let tile = Self.tileRows
    let range = first..<first + z.rows
    let tiles = range.lowerBound / tile..<(range.upperBound + tile - 1) / tile
    Threads.forEachAlone(parts) { part in
      var rows = Matrix(rows: tile, columns: c)
      var products = Matrix(rows: tile, columns: mu.rows)
      // Arrays would be retained anew for each document.
      let nearest = UnsafeMutablePointer<Int32>.allocate(capacity: sets.count)
      let distance = UnsafeMutablePointer<Float>.allocate(capacity: sets.count)
      defer {
        nearest.deallocate()
        distance.deallocate()
      }
      for t in tiles where t % parts == part {
        let documents = (t * tile..<(t + 1) * tile).clamped(to: range)
        let offset = documents.lowerBound - t * tile
        rows.scale(by: 0)
        let start = (documents.lowerBound - first) * c
        rows.withUnsafeMutableElements { rows in
          z.withUnsafeElements {
            (rows.baseAddress! + offset * c).update(
              from: $0.baseAddress! + start, count: documents.count * c)
          }
        }
        gemm(rows, .asIs, mu, .transposed, into: &products)
        products.withUnsafeElements { products in
          half.withUnsafeBufferPointer { half in
            rows.withUnsafeElements { elements in
              let sets = half.count / k
              for document in documents {
                let row = document - t * tile
                var square: Float = 0
                for l in 0..<c { square += elements[row * c + l] * elements[row * c + l] }
                let products = products.baseAddress! + row * half.count
                for s in 0..<sets {
                  var best = s * k
                  var least = half[best] - products[best]
                  for j in s * k..<(s + 1) * k {
                    let score = half[j] - products[j]
                    if score < least { (best, least) = (j, score) }
                  }
                  nearest[s] = Int32(best - s * k)
                  distance[s] = max(0, square + 2 * least)
                }
                body(
                  part, document - first, elements.baseAddress! + row * c, nearest, distance)
              }
            }
          }
        }
      }
    }
  }

  /// Gives each empty cluster of a set the document farthest from its own centroid, and takes it from
  /// the cluster it was in. Collective; every rank knows of the empty clusters.
  func refill(_ sums: inout Sums, _ set: Int, centroids mu: Matrix, over world: any Communicator) {
    let c = z.columns
    let assignments = nearest(mu)
    var distances = (0..<z.rows).map { i in
      (0..<c).reduce(Float(0)) {
        let difference = z[i, $1] - mu[Int(assignments[i]), $1]
        return $0 + difference * difference
      }
    }
    for empty in sums.counts[set].indices where sums.counts[set][empty] == 0 {
      var farthest = 0
      for i in distances.indices where distances[i] > distances[farthest] { farthest = i }
      let mine = distances.isEmpty ? -1 : distances[farthest]
      let most = world.allReduce(mine, by: .maximum)
      let owner = world.allReduce(
        mine == most ? Int64(first + farthest) : Int64.max, by: .minimum)
      var change = [Int64](repeating: 0, count: c + 1)
      if !distances.isEmpty, owner == Int64(first + farthest) {
        for l in 0..<c { change[l] = Int64((Double(z[farthest, l]) * scale).rounded()) }
        change[c] = Int64(assignments[farthest])
        distances[farthest] = -1
      }
      world.allReduce(&change)
      let old = Int(change[c])
      guard sums.counts[set][old] > 1 else { continue }
      for l in 0..<c {
        sums.coordinates[set][old * c + l] -= change[l]
        sums.coordinates[set][empty * c + l] = change[l]
      }
      sums.counts[set][old] -= 1
      sums.counts[set][empty] = 1
    }
  }
}
