import Collectives
import Datasets
import DenseMath
import Diagnostics
import Runs
import Text

/// Text: rank 0 reads it, and each rank turns its part into rows.
public final class TextAssignmentSource: AssignmentSource {
  public let isSparse = true
  /// The stream of documents, on rank 0 only.
  private let reader: (any TextStream)?
  private let vectorizers: [TextVectorizer]
  private var batch = TextBatch()
  /// The index of the first document of the batch.
  private var start = 0

  private let world: any Communicator

  /// - Parameters:
  ///   - threads: The threads that call `fill`.
  ///   - reader: Opens the stream; called on rank 0.
  /// - Throws: `Failure` where the run is not of text, or the stream cannot be opened.
  public init(
    _ run: TrainedRun, threads: Int, over world: any Communicator,
    reader: () throws -> any TextStream
  ) throws {
    self.world = world
    let (settings, vocabulary) = try run.textFeatures()
    guard !settings.stems || TextSettings.languages.contains(settings.language) else {
      throw Failure.badInput(
        "\(run.folder)/run.json", "has stems of \(settings.language), which is no language here",
        hint: "use the dec that made the run; this one has "
          + TextSettings.languages.joined(separator: ", "))
    }
    vectorizers = (0..<threads).map { _ in TextVectorizer(settings, vocabulary) }
    self.reader = world.isRoot ? try reader() : nil
  }

  public func nextRound(upTo count: Int) throws -> Int {
    start += batch.count
    batch = try world.together { try reader?.next(upTo: count) ?? TextBatch() }
    if world.size > 1 {
      world.broadcast(&batch.ends)
      world.broadcast(&batch.bytes)
    }
    return batch.count
  }

  public func open(_ documents: Range<Int>) {}

  public func fill(_ rows: inout InputRows, with documents: Range<Int>, thread: Int) {
    rows.sparse.removeAll()
    batch.bytes.withUnsafeBytes { bytes in
      for document in documents {
        let text = batch.place(of: document - start).text
        vectorizers[thread].add(UnsafeRawBufferPointer(rebasing: bytes[text]))
        vectorizers[thread].endDocument(into: &rows.sparse)
      }
    }
  }

  public func appendID(of document: Int, to bytes: inout [UInt8]) {
    bytes += batch.bytes[batch.place(of: document - start).id]
  }

  public var invalidSequences: Int { vectorizers.reduce(0) { $0 + $1.invalidSequences } }
}
