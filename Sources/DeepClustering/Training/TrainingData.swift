import Collectives
import Datasets

/// The documents of a training as one rank sees them: its shard, their number over all ranks, and
/// the ranks themselves.
public struct TrainingData {
  /// The documents of this rank's lanes.
  public let shard: Shard
  /// n, the number of documents over all ranks.
  public let samples: Int
  /// The ranks that train together.
  public let world: any Communicator

  /// - Parameters:
  ///   - shard: The documents of this rank's lanes.
  ///   - samples: n, over all ranks.
  ///   - world: The ranks that train together, each with a shard of the same corpus.
  public init(_ shard: Shard, samples: Int, over world: any Communicator) {
    self.shard = shard
    self.samples = samples
    self.world = world
  }

  /// d, the number of features of a document.
  public var features: Int { shard.features }
  /// Whether documents are sparse rows, as text is.
  public var isSparse: Bool { shard.isSparse }
  /// Whether documents are pictures, row by row of pixels.
  public var isPicture: Bool { shard.picture != nil }

  /// The augmentation of a stage of training; nil where the documents are no pictures.
  ///
  /// - Parameter stage: A number that other stages of the training do not have.
  func augmentation(seed: Int, stage: Int) -> Augmentation? {
    shard.picture.map { Augmentation(picture: $0, seed: UInt64(seed), stage: stage) }
  }

  /// This rank's lanes of minibatches of `batchSize` documents.
  func lanes(batchSize: Int, shuffleSeed: UInt64?) -> Lanes {
    Lanes(
      samples: samples, batchSize: batchSize, shuffleSeed: shuffleSeed, rank: world.rank,
      of: world.size)
  }

  /// The same documents as the outputs of layers below, kept in memory by this rank.
  func replacingDocuments(by outputs: Shard) -> TrainingData {
    TrainingData(outputs, samples: samples, over: world)
  }
}
