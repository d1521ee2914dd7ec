import Collectives
import Datasets

extension DatasetFolder {
  /// Opens a dataset on all ranks. Collective.
  ///
  /// - Throws: `Failure` where it cannot be opened, or is another one on some rank.
  public init(opening path: String, over world: any Communicator) throws {
    self = try world.together { try DatasetFolder(opening: path) }
    try world.requireSame([
      CommonFact(
        "dataset", info.fingerprint, hint: "put \(path) where every host sees the same one")
    ])
  }

  /// Checks the files. Collective.
  ///
  /// - Parameter documents: This rank's share of them; the shares of all ranks follow each other.
  /// - Throws: `Failure.badInput` naming the first file that is damaged.
  public func verify(_ documents: Range<Int>, over world: any Communicator) throws {
    let sums = try world.together { try checksums(of: documents) }
    let everyones = world.allGather(sums)
    try world.together { try verify(checksums: everyones) }
  }
}
