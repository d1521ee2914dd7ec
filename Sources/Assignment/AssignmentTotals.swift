import Collectives
import DeepClustering
import DenseMath

/// The totals of `dec assign` over all ranks.
public struct AssignmentTotals {
  public let documents: Int
  /// The number of rows that are zero.
  public let empty: Int
  /// The number of invalid UTF-8 sequences, which were replaced.
  public let invalid: Int
  /// The number of documents in each cluster.
  public let sizes: [Int]
  /// What an empty row lacks, as named in the summary.
  public let unit: String

  /// The number of tiles of a thread in a round: enough that threads rarely wait for each other.
  private static let tilesOfThread = 4

  /// Assigns all documents, tile by tile on all threads of all ranks. Collective.
  ///
  /// - Parameter write: Gets the output in the order of the input, on rank 0.
  /// - Throws: What the source or `write` throws, on every rank.
  public init(
    assigning source: any AssignmentSource, by assigner: Assigner, as format: AssignmentFormat,
    over world: any Communicator, write: ([UInt8]) throws -> Void
  ) throws {
    let tile = Assigner.tile
    let parts = Threads.count
    let most = Int(world.allReduce(Int64(parts), by: .maximum))
    let workers = (0..<parts).map {
      AssignmentWorker($0, source, assigner, format)
    }
    var done = 0
    while true {
      // Rounds end at the end of a tile, unless the source has no more documents at the moment.
      let wanted = most * world.size * Self.tilesOfThread * tile - done % tile
      let count = try source.nextRound(upTo: wanted)
      if count == 0 { break }
      let round = done..<done + count
      let tiles = round.lowerBound / tile..<(round.upperBound - 1) / tile + 1
      let share = share(of: tiles.count, part: world.rank, of: world.size)
      let mine = tiles.lowerBound + share.lowerBound..<tiles.lowerBound + share.upperBound
      let documents = (mine.lowerBound * tile..<mine.upperBound * tile).clamped(to: round)
      let bytes = try world.together {
        try source.open(documents)
        nonisolated(unsafe) let workers = workers
        Threads.forEachAlone(parts) { part in
          // Each part is a contiguous range of tiles, so that the parts in order make up the
          // output.
          let own = Collectives.share(of: mine.count, part: part, of: parts)
          workers[part].assign(
            mine.lowerBound + own.lowerBound..<mine.lowerBound + own.upperBound, documents)
        }
        return try workers.flatMap { try $0.take() }
      }
      let everyones = world.gather(bytes)
      try world.together { for bytes in everyones { try write(bytes) } }
      done += count
    }
    var sums = [Int64(source.invalidSequences), 0]
    sums += [Int64](repeating: 0, count: assigner.centroids.rows)
    for worker in workers {
      sums[1] += Int64(worker.empty)
      for (j, size) in worker.sizes.enumerated() { sums[2 + j] += Int64(size) }
    }
    world.allReduce(&sums)
    documents = done
    empty = Int(sums[1])
    invalid = Int(sums[0])
    sizes = sums[2...].map { Int($0) }
    unit = source is TextAssignmentSource ? "term" : "feature"
  }
}
