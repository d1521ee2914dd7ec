import Collectives
import Datasets
import DenseMath
import Diagnostics
import Runs

/// A dataset folder, each rank reading its own part.
public final class DatasetAssignmentSource: AssignmentSource {
  private let dataset: DatasetFolder
  private let factor: Float
  private var next = 0
  private var shard: Shard?
  private let idLines: LineReader
  private var idsRead = 0
  private var ids: [[UInt8]] = []

  public let invalidSequences = 0
  public var isSparse: Bool { dataset.info.layout == .csr }

  /// Opens and checks the dataset. Collective.
  ///
  /// - Parameter warn: Gets a line where the dataset's weights are not those of the training.
  /// - Throws: `Failure.badInput` where the dataset is damaged or has other features than the run.
  public init(
    _ path: String, for run: TrainedRun, over world: any Communicator, warn: (String) -> Void
  ) throws {
    let dataset = try DatasetFolder(opening: path, over: world)
    try dataset.verify(
      share(of: dataset.info.samples, part: world.rank, of: world.size), over: world)
    self.dataset = dataset
    (idLines, factor) = try world.together {
      let d = run.assigner.encoder.inputDimension
      guard dataset.info.features == d else {
        throw Failure.badInput(
          path, "has \(dataset.info.features) features, the model of \(run.folder) takes \(d)",
          hint: "assign documents prepared as those of the run; text as it is, not prepared")
      }
      try Self.check(dataset, against: run, warn: warn)
      return (try LineReader(path: "\(path)/ids.txt"), Self.factor(dataset.info, run))
    }
  }

  /// Checks that the dataset has the vocabulary of the run: otherwise its columns would mean other
  /// terms.
  private static func check(
    _ dataset: DatasetFolder, against run: TrainedRun, warn: (String) -> Void
  ) throws {
    guard let ours = run.vocabulary, let theirs = try dataset.vocabulary() else { return }
    if let j = ours.indices.first(where: { !ours[$0].term.utf8.elementsEqual(theirs[$0].term.utf8) }
    ) {
      throw Failure.badInput(
        "\(dataset.path)/vocabulary.tsv", at: "line \(j + 1)",
        "is \"\(theirs[j].term)\", feature \(j) of \(run.folder) is \"\(ours[j].term)\"",
        hint: "assign the text itself, which takes the run's own vocabulary")
    }
    if ours.indices.contains(where: { ours[$0].idf != theirs[$0].idf }) {
      warn(
        "\(dataset.path): its idf is not that of \(run.folder); assign the text itself for the "
          + "weights of the training")
    }
  }

  /// Multiplies the values of the dataset so that they have the scale of the run.
  private static func factor(_ info: DatasetInfo, _ run: TrainedRun) -> Float {
    guard let theirs = info.scale, let ours = run.record.features?.scale, theirs > 0 else {
      return 1
    }
    return Float(ours / theirs)
  }

  public func nextRound(upTo count: Int) -> Int {
    let round = min(count, dataset.info.samples - next)
    next += round
    return round
  }

  public func open(_ documents: Range<Int>) throws {
    shard = try dataset.shard(documents)
    ids.removeAll(keepingCapacity: true)
    while idsRead < documents.upperBound {
      guard let line = try idLines.next() else {
        throw Failure.badInput(
          "\(dataset.path)/ids.txt", "has \(idsRead) lines for \(dataset.info.samples) documents",
          hint: "prepare the dataset again")
      }
      if idsRead >= documents.lowerBound { ids.append(Array(line)) }
      idsRead += 1
    }
  }

  public func fill(_ rows: inout InputRows, with documents: Range<Int>, thread: Int) {
    shard!.gather(documents, into: &rows)
    guard factor != 1 else { return }
    if isSparse {
      for e in rows.sparse.values.indices { rows.sparse.values[e] *= factor }
    } else {
      rows.dense.scale(by: factor)
    }
  }

  public func appendID(of document: Int, to bytes: inout [UInt8]) {
    bytes += ids[document - shard!.range.lowerBound]
  }
}
