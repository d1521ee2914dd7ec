import Collectives
import DeepClustering
import DenseMath

/// The work of `dec assign`, and what it comes to over all ranks.
struct AssignmentTotals {
  let documents: Int
  /// Rows of zeros.
  let empty: Int
  /// Sequences that were no UTF-8.
  let invalid: Int
  /// Documents of each cluster.
  let sizes: [Int]
  /// What an empty row has none of.
  let unit: String

  /// Tiles of a thread in a round: enough that threads seldom wait for each other.
  private static let tilesOfThread = 4

  /// Assigns all documents; `write` gets the output in input order on rank 0. Collective.
  init(
    assigning source: any AssignmentSource, by assigner: Assigner, as format: AssignmentFormat,
    write: ([UInt8]) throws -> Void
  ) throws {
    let world = Job.world
    let tile = Assigner.tile
    let parts = Threads.count
    let most = Int(world.allReduce(Int64(parts), by: .maximum))
    let workers = (0..<parts).map {
      AssignmentWorker($0, source, assigner, format)
    }
    var done = 0
    while true {
      // Rounds end at tiles, unless the source has no more for now.
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
          // Whole stretches of tiles, so that the parts in order are the output.
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
