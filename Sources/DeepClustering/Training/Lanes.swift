import DenseMath

/// Which documents make a minibatch, at any number of ranks.
///
/// Lane v of B holds the documents `v·n/B ..< (v+1)·n/B` and gives one an iteration, in turn; rank
/// r of R owns the lanes `r·B/R ..< (r+1)·B/R`, hence one contiguous range of documents.
public struct Lanes: Sendable {
  public let samples: Int
  /// B, global.
  public let batchSize: Int
  /// Seed of the shuffle inside each lane and epoch; nil keeps the order.
  public let shuffleSeed: UInt64?
  /// This rank's lanes.
  public let owned: Range<Int>

  private var orders: [(epoch: Int, order: [Int32])]

  public init(samples: Int, batchSize: Int, shuffleSeed: UInt64? = nil, rank: Int, of size: Int) {
    precondition(batchSize >= size && size > rank)
    self.samples = samples
    self.batchSize = batchSize
    self.shuffleSeed = shuffleSeed
    owned = (batchSize * rank / size)..<(batchSize * (rank + 1) / size)
    orders = owned.map { _ in (-1, []) }
  }

  /// The documents of lane v.
  public func lane(_ v: Int) -> Range<Int> {
    (v * samples / batchSize)..<((v + 1) * samples / batchSize)
  }

  /// This rank's documents.
  public var documents: Range<Int> {
    lane(owned.lowerBound).lowerBound..<lane(owned.upperBound - 1).upperBound
  }

  /// Documents in a minibatch, over all ranks: B, or fewer where the corpus is smaller.
  public var batchCount: Int { min(samples, batchSize) }

  /// The index of this rank's first document in the whole minibatch.
  var batchOffset: Int { samples >= batchSize ? owned.lowerBound : documents.lowerBound }

  /// documents ← this rank's part of minibatch `iteration`, global numbers in lane order.
  public mutating func minibatch(_ iteration: Int, into documents: inout [Int]) {
    documents.removeAll(keepingCapacity: true)
    for v in owned {
      let lane = lane(v)
      guard !lane.isEmpty else { continue }
      let place = iteration % lane.count
      guard let shuffleSeed else {
        documents.append(lane.lowerBound + place)
        continue
      }
      let epoch = iteration / lane.count
      let slot = v - owned.lowerBound
      if orders[slot].epoch != epoch {
        var random = RandomStream(seed: shuffleSeed, .laneOrder, v, epoch)
        orders[slot].epoch = epoch
        orders[slot].order.removeAll(keepingCapacity: true)
        orders[slot].order.append(contentsOf: 0..<Int32(lane.count))
        orders[slot].order.shuffle(using: &random)
      }
      documents.append(lane.lowerBound + Int(orders[slot].order[place]))
    }
  }
}
