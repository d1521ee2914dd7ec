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
  /// Documents whose candidates one thread looks for at a time: sgemm reorders a tile anew for each
  /// of these blocks.
  private static let queries = 1024

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
    let parts = Threads.count
    let length = max(1, min(Self.queries, (mine.count + parts - 1) / parts))
    let blocks = stride(from: mine.lowerBound, to: mine.upperBound, by: length).map {
      $0..<min($0 + length, mine.upperBound)
    }
    let scratches = UnsafeMutableBufferPointer<Scratch?>.allocate(capacity: parts)
    scratches.initialize(repeating: Scratch(columns: size, of: data.all))
    nonisolated(unsafe) let shared = scratches
    defer {
      scratches.deinitialize()
      scratches.deallocate()
    }
    let begin = Clock.seconds
    var start = begin
    let tiles = stride(from: 0, to: n, by: size).map { $0..<min(n, $0 + size) }
    for (t, documents) in tiles.enumerated() {
      let tile = ReferenceTile(documents, of: rows)
      half += tile.half.elements
      candidates.withWriter { writer in
        Threads.forEachAlone(parts) { part in
          var scratch = shared[part]
          shared[part] = nil
          for q in stride(from: part, to: blocks.count, by: parts) {
            Self.compare(blocks[q], of: rows, with: tile, mine.lowerBound, &scratch!, writer)
          }
          shared[part] = scratch
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

  /// The memory that a thread uses again and again.
  private struct Scratch {
    var rows: InputRows
    var block: Matrix
    var products: Matrix

    init(columns: Int, of all: Shard) {
      rows = InputRows(columns: all.features, isSparse: all.isSparse)
      block = Matrix(rows: 0, columns: all.features)
      products = Matrix(rows: 0, columns: columns)
    }
  }

  /// Offers the documents of a tile to those of a block.
  private static func compare(
    _ block: Range<Int>, of rows: ProductRows, with tile: ReferenceTile, _ offset: Int,
    _ scratch: inout Scratch, _ writer: Candidates.Writer
  ) {
    let columns = tile.documents.count
    if columns != scratch.products.columns {
      // The last tile.
      scratch.products = Matrix(rows: block.count, columns: columns)
    }
    scratch.products.resize(rows: block.count)
    if rows.isSparse {
      let zeros = [Float](repeating: 0, count: columns)
      rows.gatherSparse(block, into: &scratch.rows)
      multiply(scratch.rows.sparse, tile.matrix, bias: zeros, into: &scratch.products)
    } else {
      rows.gatherDense(block, by: &scratch.rows, into: &scratch.block)
      gemm(scratch.block, .asIs, tile.matrix, .transposed, into: &scratch.products)
    }
    let (found, half) = (Rows(scratch.products), Rows(tile.half))
    for (i, document) in block.enumerated() {
      writer.offer(
        to: document - offset, document: document, first: tile.documents.lowerBound,
        count: columns, products: found[i], half: half[0])
    }
  }
}
