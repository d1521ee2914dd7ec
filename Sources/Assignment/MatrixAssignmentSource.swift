import Collectives
import Datasets
import DenseMath
import Diagnostics
import Runs

/// The rows of a `.npy` matrix as given to `dec prepare`, multiplied by the run's scale.
public final class MatrixAssignmentSource: AssignmentSource {
  private let rows: JoinedRows
  private let factor: Double
  private var next = 0

  public let isSparse = false
  public let invalidSequences = 0

  /// Opens the file. Collective.
  ///
  /// - Throws: `Failure` where the file is no matrix of the width that the model takes, or has
  ///   another number of rows on some rank.
  public init(_ path: String, for run: TrainedRun, over world: any Communicator) throws {
    let d = run.assigner.encoder.inputDimension
    rows = try world.together {
      let rows = try NPYMatrixReader().rows([path], .temporary)
      guard rows.features == d else {
        throw Failure.badInput(
          path, "is [\(rows.count), \(rows.features)]",
          hint: "the model of \(run.folder) takes [documents, \(d)]")
      }
      return rows
    }
    factor = run.record.features?.scale ?? 1
    try world.requireSame([
      CommonFact(
        "matrix", "\(rows.count) rows", hint: "put \(path) where every host sees the same one")
    ])
  }

  public func nextRound(upTo count: Int) -> Int {
    let round = min(count, rows.count - next)
    next += round
    return round
  }

  public func open(_ documents: Range<Int>) {}

  public func fill(_ target: inout InputRows, with documents: Range<Int>, thread: Int) throws {
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

  public func appendID(of document: Int, to bytes: inout [UInt8]) {
    bytes += Array("\(document)".utf8)
  }
}
