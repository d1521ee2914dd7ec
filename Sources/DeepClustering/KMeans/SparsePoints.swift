import Collectives
import Datasets
import DenseMath

/// Sparse documents, such as tf-idf rows, which are never made dense; only centroids are.
///
/// Nothing is subtracted, since that would fill the zeros. Expanded distances cancel digits where
/// documents are much farther from the origin than from each other; rows of text are not, since two
/// that share few terms are about as far from each other as from 0.
public struct SparsePoints: ClusterPoints {
  public let samples: Int
  public let meanVariance: Double
  public let units: ExactUnits
  private let shard: Shard

  public var first: Int { shard.range.lowerBound }
  public var count: Int { shard.range.count }
  public var dimension: Int { shard.features }
  public var origin: [Float] { [Float](repeating: 0, count: dimension) }

  /// Measures the documents of all ranks. Collective.
  ///
  /// - Parameters:
  ///   - shard: This rank's documents, sparse.
  ///   - samples: n, over all ranks.
  /// - Throws: `Failure.work` where a value is not finite, on every rank.
  public init(_ shard: Shard, samples: Int, over world: any Communicator) throws {
    precondition(shard.isSparse, "a dense shard")
    self.shard = shard
    self.samples = samples

    // 1. The largest magnitude and the largest ‖x‖².
    var largest = [0.0, 0.0]
    Self.forEachTile(of: shard) { _, rows in
      for i in 0..<rows.rows { largest[1] = max(largest[1], Double(squareNorm(rows, i))) }
      for value in rows.values {
        largest[0] = value.isFinite ? max(largest[0], Double(abs(value))) : .infinity
        if !value.isFinite { largest[1] = .infinity }
      }
    }
    world.allReduce(&largest, by: .maximum)
    guard largest[1].isFinite else {
      throw breakdown(phase: "kmeans", iteration: 0, option: "--pretrain-learning-rate")
    }
    // No two documents or means of documents are farther apart than twice the largest norm.
    let units = ExactUnits(samples: samples, largest: largest[0], largestSquare: 4 * largest[1])

    // 2. Sums of coordinates and of squares, for the variance.
    var sums = [Int64](repeating: 0, count: shard.features + 1)
    Self.forEachTile(of: shard) { _, rows in
      for (l, value) in zip(rows.indices, rows.values) { sums[Int(l)] += units.whole(value) }
      for i in 0..<rows.rows { sums[shard.features] += units.weight(squareNorm(rows, i)) }
    }
    world.allReduce(&sums)
    let n = Double(samples)
    let meanSquare = Double(sums[shard.features]) / units.square / n
    let squareOfMean = sums.dropLast().reduce(0.0) {
      let mean = Double($1) / units.coordinate / n
      return $0 + mean * mean
    }
    meanVariance = max(0, meanSquare - squareOfMean) / Double(shard.features)
    self.units = units
  }

  public func coordinates(of i: Int) -> [Float] {
    var rows = InputRows(columns: dimension, isSparse: true)
    shard.gather([first + i], into: &rows)
    var x = [Float](repeating: 0, count: dimension)
    for (l, value) in zip(rows.sparse.indices, rows.sparse.values) { x[Int(l)] = value }
    return x
  }

  public func lowerDistances(_ distances: inout [Float], to mu: Matrix) {
    let squares = Self.squareNorms(of: mu)
    let (mu, count, parts) = (Rows(mu), count, Threads.count)
    distances.withUnsafeMutableBufferPointer { distances in
      nonisolated(unsafe) let distances = distances
      Threads.forEachAlone(parts) { part in
        Self.forEachTile(of: shard, part, of: parts) { documents, rows in
          for (row, i) in documents.enumerated() {
            for s in mu.indices {
              let e = s * count + i
              distances[e] = min(distances[e], squaredDistance(rows, row, mu[s], squares[s]))
            }
          }
        }
      }
    }
  }

  public func squaredDistances(to mu: Matrix, _ assignments: [Int32]) -> [Float] {
    let squares = Self.squareNorms(of: mu)
    let mu = Rows(mu)
    var result = [Float](repeating: 0, count: count)
    Self.forEachTile(of: shard) { documents, rows in
      for (row, i) in documents.enumerated() {
        let j = Int(assignments[i])
        result[i] = squaredDistance(rows, row, mu[j], squares[j])
      }
    }
    return result
  }

  public func nearest(_ mu: Matrix) -> [Int32] {
    let sets = CentroidSets([mu])
    var result = [Int32](repeating: 0, count: count)
    result.withUnsafeMutableBufferPointer { result in
      nonisolated(unsafe) let result = result
      let parts = Threads.count
      let transposed = sets.mu.transposed()
      Threads.forEachAlone(parts) { part in
        forEachTile(part, of: parts, transposed) { documents, rows, products in
          for (row, i) in documents.enumerated() {
            let best = sets.nearest(
              in: 0, products: products[row], square: squareNorm(rows, row))
            result[i] = Int32(best.cluster)
          }
        }
      }
    }
    return result
  }

  public func sums(nearestOf sets: [Matrix]) -> ClusterSums {
    let sets = CentroidSets(sets)
    let (d, k, parts) = (dimension, sets.clusterCount, Threads.count)
    let zeros = ClusterSums(sets: sets.setCount, clusterCount: k, dimension: d)
    let width = zeros.width
    let transposed = sets.mu.transposed()
    return ClusterSums.onThreads(parts, zeros) { part, sums in
      forEachTile(part, of: parts, transposed) { documents, rows, products in
        for row in 0..<documents.count {
          let square = squareNorm(rows, row)
          for s in 0..<sets.setCount {
            let best = sets.nearest(in: s, products: products[row], square: square)
            let set = sums + s * width
            let sum = set + best.cluster * d
            for e in rows.rowStarts[row]..<rows.rowStarts[row + 1] {
              sum[Int(rows.indices[e])] &+= units.whole(rows.values[e])
            }
            set[k * d + best.cluster] += 1
            set[width - 1] += units.weight(best.distance)
          }
        }
      }
    }
  }

  /// Calls `body` with the documents of every tile that falls to this thread, by their index in the
  /// shard, with their rows, and the rows' products with the centroids. A row's products depend on
  /// its entries alone.
  ///
  /// - Parameter mu: The centroids of all sets, `[dimension, centroids]`.
  private func forEachTile(
    _ part: Int, of parts: Int, _ mu: Matrix,
    _ body: (_ documents: Range<Int>, _ rows: SparseRows, _ products: Rows) -> Void
  ) {
    var products = Matrix(rows: 0, columns: mu.columns)
    let bias = [Float](repeating: 0, count: mu.columns)
    Self.forEachTile(of: shard, part, of: parts) { documents, rows in
      products.resize(rows: rows.rows)
      multiply(rows, mu, bias: bias, into: &products)
      body(documents, rows, Rows(products))
    }
  }

  private static func forEachTile(
    of shard: Shard, _ part: Int = 0, of parts: Int = 1,
    _ body: (_ documents: Range<Int>, _ rows: SparseRows) -> Void
  ) {
    guard !shard.range.isEmpty else { return }
    let first = shard.range.lowerBound
    var rows = InputRows(columns: shard.features, isSparse: true)
    for tile in Tile.covering(shard.range) where tile % parts == part {
      let documents = Tile.documents(tile).clamped(to: shard.range)
      shard.gather(documents, into: &rows)
      body(documents.lowerBound - first..<documents.upperBound - first, rows.sparse)
    }
  }

  /// ‖μ_j‖² of each row, term after term.
  private static func squareNorms(of mu: Matrix) -> [Float] {
    let mu = Rows(mu)
    return mu.indices.map { j in
      (0..<mu.columns).reduce(Float(0)) { $0 + mu[j, $1] * mu[j, $1] }
    }
  }
}

/// ‖x_i‖², term after term.
private func squareNorm(_ x: SparseRows, _ i: Int) -> Float {
  x.values[x.rowStarts[i]..<x.rowStarts[i + 1]].reduce(0) { $0 + $1 * $1 }
}

/// ‖x_i − μ‖²: over the entries of x_i term by term, elsewhere what they leave of ‖μ‖². Where x_i
/// and μ are the same it is exactly 0, as `muSquare` is summed in the same order; otherwise
/// k-means++ might draw one document twice.
private func squaredDistance(
  _ x: SparseRows, _ i: Int, _ mu: UnsafePointer<Float>, _ muSquare: Float
) -> Float {
  var (distance, covered): (Float, Float) = (0, 0)
  for e in x.rowStarts[i]..<x.rowStarts[i + 1] {
    let coordinate = mu[Int(x.indices[e])]
    let difference = x.values[e] - coordinate
    distance += difference * difference
    covered += coordinate * coordinate
  }
  return distance + max(0, muSquare - covered)
}
