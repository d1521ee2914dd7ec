import Datasets
import DenseMath

/// This rank's documents of one minibatch; its memory is used again by the next.
struct Minibatch: Sendable {
  /// The documents as the dataset has them, or augmented, `[rows, features]`; rows outside
  /// `documentRows` are zero.
  var inputs: InputRows
  /// Global numbers of this rank's documents, in lane order.
  var documents: [Int] = []
  /// The rows of `inputs` that hold `documents`: all of them, or those between the padding of whole
  /// tiles.
  var documentRows = 0..<0
  /// The document of each row of `inputs`; a padded row has any number.
  var rowDocuments: [Int] = []
  /// Documents of the minibatch over all ranks.
  let batchCount: Int
  private var lanes: Lanes
  private let augmentation: Augmentation?
  /// What is augmented: the documents as the dataset has them.
  private var originals: Matrix

  init(
    of data: TrainingData, batchSize: Int, shuffleSeed: UInt64?, augmentation: Augmentation? = nil
  ) {
    self.augmentation = augmentation
    originals = Matrix(rows: 0, columns: data.features)
    lanes = data.lanes(batchSize: batchSize, shuffleSeed: shuffleSeed)
    batchCount = lanes.batchCount
    inputs = InputRows(columns: data.features, isSparse: data.isSparse)
  }

  /// Takes the documents of minibatch `iteration`.
  ///
  /// - Parameter tile: Rows of a tile to pad to: document i of the whole minibatch is then row
  ///   i mod `tile` of its tile at every number of ranks; nil for no padding.
  mutating func load(_ iteration: Int, from shard: Shard, tile: Int?) {
    lanes.minibatch(iteration, into: &documents)
    shard.gather(documents, into: &inputs)
    let before = tile.map { documents.isEmpty ? 0 : lanes.batchOffset % $0 } ?? 0
    documentRows = before..<before + documents.count
    let after = tile.map { (documentRows.upperBound + $0 - 1) / $0 * $0 - documentRows.upperBound }
    rowDocuments.removeAll(keepingCapacity: true)
    rowDocuments.append(contentsOf: repeatElement(0, count: before))
    rowDocuments.append(contentsOf: documents)
    rowDocuments.append(contentsOf: repeatElement(0, count: after ?? 0))
    if let after { inputs.pad(before: before, after: after) }
    guard let augmentation else { return }
    swap(&inputs.dense, &originals)
    augmentation.move(
      originals, documents: rowDocuments, iteration: iteration, into: &inputs.dense)
  }
}
