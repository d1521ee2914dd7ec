import Collectives
import Datasets
import DenseMath
import Diagnostics
import Runs
import Text

/// Where documents to be assigned come from, a round of all ranks at a time.
protocol AssignmentSource: AnyObject {
  /// Whether rows are sparse.
  var isSparse: Bool { get }
  /// Documents in the next round, at most `count`; 0 at the end. Collective.
  func nextRound(upTo count: Int) throws -> Int
  /// Gets ready for this rank's part of the round, numbered from the input's start.
  func open(_ documents: Range<Int>) throws
  /// Puts documents into `rows`; called from several threads, each with its own number.
  func fill(_ rows: inout InputRows, with documents: Range<Int>, thread: Int) throws
  /// Appends the id of a document, on one line.
  func appendID(of document: Int, to bytes: inout [UInt8])
  /// Sequences on this rank that were no UTF-8.
  var invalidSequences: Int { get }
}

/// Text: rank 0 reads, every rank turns its part into rows.
final class TextAssignmentSource: AssignmentSource {
  let isSparse = true
  /// Of rank 0.
  private let reader: (any TextStream)?
  private let vectorizers: [TextVectorizer]
  private var batch = TextBatch()
  /// The number of the batch's first document.
  private var start = 0

  init(
    _ run: TrainedRun, threads: Int, reader: () throws -> any TextStream
  ) throws {
    let (settings, vocabulary) = try run.textFeatures()
    vectorizers = (0..<threads).map { _ in TextVectorizer(settings, vocabulary) }
    self.reader = Job.world.isRoot ? try reader() : nil
  }

  func nextRound(upTo count: Int) throws -> Int {
    start += batch.count
    let world = Job.world
    batch = try world.together { try reader?.next(upTo: count) ?? TextBatch() }
    if world.size > 1 {
      world.broadcast(&batch.ends)
      world.broadcast(&batch.bytes)
    }
    return batch.count
  }

  func open(_ documents: Range<Int>) {}

  func fill(_ rows: inout InputRows, with documents: Range<Int>, thread: Int) {
    rows.sparse.removeAll()
    batch.bytes.withUnsafeBytes { bytes in
      for document in documents {
        let text = batch.place(of: document - start).text
        vectorizers[thread].add(UnsafeRawBufferPointer(rebasing: bytes[text]))
        vectorizers[thread].endDocument(into: &rows.sparse)
      }
    }
  }

  func appendID(of document: Int, to bytes: inout [UInt8]) {
    bytes += batch.bytes[batch.place(of: document - start).id]
  }

  var invalidSequences: Int { vectorizers.reduce(0) { $0 + $1.invalidSequences } }
}

/// A dataset folder, each rank reading its own part.
final class DatasetAssignmentSource: AssignmentSource {
  private let dataset: DatasetFolder
  private let factor: Float
  private var next = 0
  private var shard: Shard?
  private let idLines: LineReader
  private var idsRead = 0
  private var ids: [[UInt8]] = []

  let invalidSequences = 0
  var isSparse: Bool { dataset.info.layout == .csr }

  /// Opens and checks the dataset. Collective.
  init(_ path: String, for run: TrainedRun) throws {
    let world = Job.world
    let dataset = try world.together { try DatasetFolder(opening: path) }
    let sums = try world.together { try dataset.checksums(part: world.rank, of: world.size) }
    let everyones = world.allGather(sums)
    self.dataset = dataset
    (idLines, factor) = try world.together {
      try dataset.verify(checksums: everyones)
      let d = run.assigner.encoder.inputDimension
      guard dataset.info.features == d else {
        throw Failure.badInput(
          path, "has \(dataset.info.features) features, the model of \(run.folder) takes \(d)",
          hint: "assign documents prepared as those of the run; text as it is, not prepared")
      }
      try Self.check(dataset, against: run)
      return (try LineReader(path: "\(path)/ids.txt"), Self.factor(dataset.info, run))
    }
  }

  /// Features of text are the run's terms, or the rows mean something else.
  private static func check(_ dataset: DatasetFolder, against run: TrainedRun) throws {
    guard let ours = run.vocabulary, let theirs = try dataset.vocabulary() else { return }
    if let j = ours.indices.first(where: { !ours[$0].term.utf8.elementsEqual(theirs[$0].term.utf8) }
    ) {
      throw Failure.badInput(
        "\(dataset.path)/vocabulary.tsv", at: "line \(j + 1)",
        "is \"\(theirs[j].term)\", feature \(j) of \(run.folder) is \"\(ours[j].term)\"",
        hint: "assign the text itself, which takes the run's own vocabulary")
    }
    if ours.indices.contains(where: { ours[$0].idf != theirs[$0].idf }) {
      Job.warn(
        "\(dataset.path): its idf is not that of \(run.folder); assign the text itself for the "
          + "weights of the training")
    }
  }

  /// Brings the dataset's values to the scale of the run's.
  private static func factor(_ info: DatasetInfo, _ run: TrainedRun) -> Float {
    guard let theirs = info.scale, let ours = run.record.features?.scale, theirs > 0 else {
      return 1
    }
    return Float(ours / theirs)
  }

  func nextRound(upTo count: Int) -> Int {
    let round = min(count, dataset.info.samples - next)
    next += round
    return round
  }

  func open(_ documents: Range<Int>) throws {
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

  func fill(_ rows: inout InputRows, with documents: Range<Int>, thread: Int) {
    shard!.gather(documents, into: &rows)
    guard factor != 1 else { return }
    if isSparse {
      for e in rows.sparse.values.indices { rows.sparse.values[e] *= factor }
    } else {
      rows.dense.scale(by: factor)
    }
  }

  func appendID(of document: Int, to bytes: inout [UInt8]) {
    bytes += ids[document - shard!.range.lowerBound]
  }
}

/// The rows of a `.npy` matrix, as they were before `dec prepare`: times the run's factor.
final class MatrixAssignmentSource: AssignmentSource {
  private let rows: JoinedRows
  private let factor: Double
  private var next = 0

  let isSparse = false
  let invalidSequences = 0

  init(_ path: String, for run: TrainedRun) throws {
    rows = try NPYMatrixReader().rows([path], .temporary)
    factor = run.record.features?.scale ?? 1
    let d = run.assigner.encoder.inputDimension
    guard rows.features == d else {
      throw Failure.badInput(
        path, "is [\(rows.count), \(rows.features)]",
        hint: "the model of \(run.folder) takes [documents, \(d)]")
    }
  }

  func nextRound(upTo count: Int) -> Int {
    let round = min(count, rows.count - next)
    next += round
    return round
  }

  func open(_ documents: Range<Int>) {}

  func fill(_ target: inout InputRows, with documents: Range<Int>, thread: Int) throws {
    let d = rows.features
    var values = [Float](repeating: 0, count: documents.count * d)
    try values.withUnsafeMutableBufferPointer { values in
      for (i, document) in documents.enumerated() {
        let row = UnsafeMutableBufferPointer(rebasing: values[i * d..<(i + 1) * d])
        rows.read(document, into: row)
        if let wrong = row.firstIndex(where: { !$0.isFinite }) {
          let (path, place) = rows.place(of: document)
          throw Failure.badInput(
            path, at: "\(place), column \(wrong)", "is \(row[wrong])",
            hint: "values are finite numbers")
        }
      }
    }
    if factor != 1 { for i in values.indices { values[i] = Float(Double(values[i]) * factor) } }
    target.dense = Matrix(rows: documents.count, columns: d, elements: values)
  }

  func appendID(of document: Int, to bytes: inout [UInt8]) { bytes += Array("\(document)".utf8) }
}
