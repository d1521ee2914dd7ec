import Collectives
import DenseMath
import Diagnostics

/// Documents with all coordinates, such as codes, moved so that the mean of all is 0: expanded
/// distances cancel digits far from the origin.
public struct DensePoints: ClusterPoints {
  public let first: Int
  public let samples: Int
  public let origin: [Float]
  public let meanVariance: Double
  public let units: ExactUnits
  /// `[count, dimension]`, centred.
  private let x: Matrix

  public var count: Int { x.rows }
  public var dimension: Int { x.columns }

  /// Centres the documents of all ranks. Collective.
  ///
  /// - Parameters:
  ///   - x: This rank's documents, `[documents, dimension]`; changed in place where the caller
  ///     gives it away, since of many documents one copy is enough.
  ///   - first: The index of the first of them in the whole dataset.
  ///   - samples: n, over all ranks.
  /// - Throws: `Failure.work` where x is not finite, on every rank.
  public init(
    _ x: consuming Matrix, first: Int, samples: Int, over world: any Communicator
  ) throws {
    let bound = world.allReduce(Self.largestMagnitude(in: x), by: .maximum)
    guard bound.isFinite else {
      throw Failure.breakdown(.kMeans, iteration: 0, option: "--pretrain-learning-rate")
    }
    let c = x.columns
    let coarse = FixedPoint.scale(terms: samples, largest: bound)
    var sums = Self.columnSums(of: x, scale: coarse)
    world.allReduce(&sums)
    let mean = sums.map { Float(Double($0) / coarse / Double(samples)) }
    x.withMutableRows { x in
      for i in x.indices {
        for l in 0..<c { x[i, l] -= mean[l] }
      }
    }
    let radius = world.allReduce(Self.largestMagnitude(in: x), by: .maximum)
    units = ExactUnits(
      samples: samples, largest: radius, largestSquare: 4 * Double(c) * radius * radius)
    let squares = world.allReduce(Self.sumOfSquares(of: x, units))
    meanVariance = Double(squares) / units.square / Double(samples) / Double(c)
    origin = mean
    self.first = first
    self.samples = samples
    self.x = x
  }

  private static func largestMagnitude(in x: Matrix) -> Double {
    // Not a maximum of a NaN, which compares false with everything.
    x.isFinite ? x.withUnsafeElements { Double($0.reduce(0) { max($0, abs($1)) }) } : .infinity
  }

  private static func columnSums(of x: Matrix, scale: Double) -> [Int64] {
    let x = Rows(x)
    var sums = [Int64](repeating: 0, count: x.columns)
    for i in x.indices {
      for l in sums.indices { sums[l] += Int64((Double(x[i, l]) * scale).rounded()) }
    }
    return sums
  }

  private static func sumOfSquares(of x: Matrix, _ units: ExactUnits) -> Int64 {
    var squares: Int64 = 0
    x.withUnsafeElements { for v in $0 { squares += units.weight(v * v) } }
    return squares
  }

  public func coordinates(of i: Int) -> [Float] { x.row(i) }

  public func lowerDistances(_ distances: inout [Float], to mu: Matrix) {
    guard count > 0 else { return }
    let (x, mu) = (Rows(x), Rows(mu))
    distances.withUnsafeMutableBufferPointer { distances in
      nonisolated(unsafe) let distances = distances
      Threads.split(mu.count * x.count, grain: 1 << 12) { part in
        var s = part.lowerBound / x.count
        var i = part.lowerBound % x.count
        for e in part {
          distances[e] = min(distances[e], squaredDistance(x, i, mu, s))
          i += 1
          if i == x.count { (s, i) = (s + 1, 0) }
        }
      }
    }
  }

  public func squaredDistances(to mu: Matrix, _ assignments: [Int32]) -> [Float] {
    let (x, mu) = (Rows(x), Rows(mu))
    return x.indices.map { squaredDistance(x, $0, mu, Int(assignments[$0])) }
  }

  public func nearest(_ mu: Matrix) -> [Int32] {
    let sets = CentroidSets([mu])
    let x = Rows(x)
    var result = [Int32](repeating: 0, count: count)
    result.withUnsafeMutableBufferPointer { result in
      nonisolated(unsafe) let result = result
      let parts = Threads.count
      Threads.forEachAlone(parts) { part in
        forEachTile(part, of: parts, sets) { documents, products, offset in
          for i in documents {
            let best = sets.nearest(
              in: 0, products: products[i - offset], square: squareNorm(x[i], x.columns))
            result[i] = Int32(best.cluster)
          }
        }
      }
    }
    return result
  }

  public func sums(nearestOf sets: [Matrix]) -> ClusterSums {
    let sets = CentroidSets(sets)
    let (c, k) = (dimension, sets.clusterCount)
    let x = Rows(x)
    let zeros = ClusterSums(sets: sets.setCount, clusterCount: k, dimension: c)
    let width = zeros.width
    let parts = Threads.count
    return ClusterSums.onThreads(parts, zeros) { part, sums in
      // A document in whole numbers, once for all sets.
      withUnsafeTemporaryAllocation(of: Int64.self, capacity: c) { whole in
        forEachTile(part, of: parts, sets) { documents, products, offset in
          for i in documents {
            let row = x[i]
            let square = squareNorm(row, c)
            for l in 0..<c { whole[l] = units.whole(row[l]) }
            for s in 0..<sets.setCount {
              let best = sets.nearest(in: s, products: products[i - offset], square: square)
              let set = sums + s * width
              let sum = set + best.cluster * c
              // No overflow: the units leave room for the sum of all documents.
              for l in 0..<c { sum[l] &+= whole[l] }
              set[k * c + best.cluster] += 1
              set[width - 1] += units.weight(best.distance)
            }
          }
        }
      }
    }
  }

  /// Calls `body` with the documents of every tile that falls to this thread, and their products
  /// with all centroids, from row 0 for document `offset` on. Tiles lie on the grid of the whole
  /// dataset, so that bits do not depend on the number of ranks.
  @inline(__always)
  private func forEachTile(
    _ part: Int, of parts: Int, _ sets: CentroidSets,
    _ body: (_ documents: Range<Int>, _ products: Rows, _ offset: Int) -> Void
  ) {
    let c = dimension
    let x = Rows(x)
    let range = first..<first + count
    var tile = Matrix(rows: Tile.corpus, columns: c)
    var products = Matrix(rows: Tile.corpus, columns: sets.mu.rows)
    for number in Tile.covering(range) where number % parts == part {
      let whole = Tile.documents(number)
      let documents = whole.clamped(to: range)
      tile.withMutableRows { tile in
        if documents != whole { tile[0].update(repeating: 0, count: tile.count * c) }
        tile[documents.lowerBound - whole.lowerBound].update(
          from: x[documents.lowerBound - first], count: documents.count * c)
      }
      gemm(tile, .asIs, sets.mu, .transposed, into: &products)
      body(
        documents.lowerBound - first..<documents.upperBound - first, Rows(products),
        whole.lowerBound - first)
    }
  }
}

/// ‖x‖², term after term.
@inline(__always)
private func squareNorm(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
  var square: Float = 0
  for l in 0..<count { square += x[l] * x[l] }
  return square
}
