import Collectives
import Datasets
import DenseMath

/// The documents that a spectral method clusters: every rank sees all of them, through mapped files
/// whose pages the ranks of a host share, and works on its own part.
public struct SpectralData {
  /// All documents, `[samples, features]`.
  public let all: Shard
  /// This rank's documents: a contiguous part, the parts of all ranks in order.
  public let rows: Range<Int>
  /// The ranks that share the work.
  public let world: any Communicator

  /// - Parameters:
  ///   - all: All documents, the same on every rank.
  ///   - rows: This rank's part of them.
  ///   - world: The ranks, whose parts follow each other and make up all documents.
  public init(_ all: Shard, rows: Range<Int>, over world: any Communicator) {
    precondition(all.range.lowerBound == 0 && rows.upperBound <= all.range.upperBound)
    self.all = all
    self.rows = rows
    self.world = world
  }

  /// n, over all ranks.
  public var samples: Int { all.range.count }
  /// d, the number of features.
  public var features: Int { all.features }
}
