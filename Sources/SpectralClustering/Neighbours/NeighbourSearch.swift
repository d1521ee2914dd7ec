import Collectives
import Datasets
import DenseMath
import Diagnostics

/// The exact search of nearest neighbours: products of single precision, tile by tile, propose
/// candidates, and distances in double precision decide.
///
/// Each rank searches for its own documents among all. 2 n² d operations over all ranks.
public struct NeighbourSearch {
  /// Neighbours of each document; fewer where there are fewer other documents.
  public var count: Int
  /// Told on every rank, after the first tiles, how many seconds the search will take; what it
  /// throws, on every rank alike, ends the search.
  public var approve: (_ seconds: Double) throws -> Void = { _ in }

  public init(count: Int) { self.count = count }

  /// Candidates beyond the neighbours that are wanted.
  private static let margin = 11
  /// Documents whose candidates one thread looks for at a time.
  private static let queries = 256

  /// Searches. Collective.
  ///
  /// - Returns: The neighbours of the documents of all ranks, on every rank.
  /// - Throws: What `approve` throws.
  public func neighbours(of data: SpectralData) throws -> Neighbours {
    let n = data.samples
    let m = min(count, n - 1)
    let (candidates, half) = try candidates(of: data, width: min(m + Self.margin, n - 1))
    var indices = [Int32](repeating: 0, count: n * m)
    var distances = [Double](repeating: 0, count: n * m)
    indices.withUnsafeMutableBufferPointer { indices in
      distances.withUnsafeMutableBufferPointer { distances in
        nonisolated(unsafe) let (indices, distances) = (indices, distances)
        let rows = data.rows
        Threads.split(rows.count, grain: 64) { part in
          for i in part {
            let document = rows.lowerBound + i
            var nearest = Self.sorted(candidates.of(i), from: document, data.all)
            let bound = Self.bound(candidates, i, half[document], nearest[m - 1].0, data.features)
            if candidates.width < n - 1, nearest[m - 1].0 >= bound {
              nearest = Self.sorted(
                (0..<Int32(n)).filter { $0 != document }, from: document, data.all)
            }
            for (place, (distance, j)) in nearest.prefix(m).enumerated() {
              indices[document * m + place] = j
              distances[document * m + place] = distance
            }
          }
        }
      }
    }
    // The other ranks' parts are zeros.
    data.world.allReduce(&indices)
    data.world.allReduce(&distances)
    return Neighbours(count: m, indices: indices, squaredDistances: distances)
  }

  private static func sorted(
    _ documents: some Sequence<Int32>, from document: Int, _ all: Shard
  ) -> [(Double, Int32)] {
    documents.map { (all.squaredDistance(document, Int($0)), $0) }.sorted(by: <)
  }

  /// A lower bound of the squared distance of documents that are no candidates, as far as they are
  /// no farther than `distance`: neighbours beyond it are uncertain, such as among many duplicates,
  /// and all distances are computed.
  ///
  /// - Parameter half: ‖x‖²/2 of document i.
  private static func bound(
    _ candidates: Candidates, _ i: Int, _ half: Float, _ distance: Double, _ features: Int
  ) -> Double {
    let last = Double(candidates.scores[(i + 1) * candidates.width - 1])
    let reach = (2 * Double(half)).squareRoot() + distance.squareRoot()
    // Rounding errors of products of rows no longer than `reach`, which grow as a random walk.
    let unit = Double(Float.ulpOfOne) / 2
    let error = 2 * unit * (16 + 2 * Double(features).squareRoot()) * reach * reach
    return 2 * (Double(half) - last) - error
  }

  /// The candidates of this rank's documents, and ‖x‖²/2 of all documents.
  private func candidates(
    of data: SpectralData, width: Int
  ) throws -> (Candidates, half: [Float]) {
    let rows = ProductRows(data.all)
    let (n, mine) = (data.samples, data.rows)
    let size = rows.isSparse ? 256 : 1024
    var candidates = Candidates(documents: mine.count, width: width)
    var half: [Float] = []
    half.reserveCapacity(n)
    let begin = Clock.seconds
    var start = begin
    let tiles = stride(from: 0, to: n, by: size).map { $0..<min(n, $0 + size) }
    for (t, documents) in tiles.enumerated() {
      let tile = ReferenceTile(documents, of: rows)
      half += tile.half.elements
      candidates.withWriter { writer in
        Threads.forEachAlone((mine.count + Self.queries - 1) / Self.queries) { q in
          let first = mine.lowerBound + q * Self.queries
          let block = first..<min(first + Self.queries, mine.upperBound)
          Self.compare(block, of: rows, with: tile, offset: mine.lowerBound, writer)
        }
      }
      // The first tile warms up, and has the most candidates to insert.
      if t == 0 { start = Clock.seconds }
      if t == min(2, tiles.count - 1) {
        let perTile = t == 0 ? start - begin : (Clock.seconds - start) / Double(t)
        try approve(data.world.allReduce(perTile, by: .maximum) * Double(tiles.count))
      }
    }
    return (candidates, half)
  }

  /// Offers the documents of a tile to those of a block.
  private static func compare(
    _ block: Range<Int>, of rows: ProductRows, with tile: ReferenceTile, offset: Int,
    _ writer: Candidates.Writer
  ) {
    var products = Matrix(rows: block.count, columns: tile.documents.count)
    if rows.isSparse {
      let zeros = [Float](repeating: 0, count: tile.documents.count)
      multiply(rows.sparse(block), tile.matrix, bias: zeros, into: &products)
    } else {
      gemm(rows.dense(block), .asIs, tile.matrix, .transposed, into: &products)
    }
    let (found, half) = (Rows(products), Rows(tile.half))
    for (i, document) in block.enumerated() {
      writer.offer(
        to: document - offset, document: document, first: tile.documents.lowerBound,
        count: tile.documents.count, products: found[i], half: half[0])
    }
  }
}
