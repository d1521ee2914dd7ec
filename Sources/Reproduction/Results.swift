import Diagnostics
import Runs

/// What the cells of an experiment led to.
public struct Results {
  public let plan: Plan
  /// Why a cell was refused, by its path.
  private var refusals: [String: String] = [:]
  private var records: [String: RunRecord] = [:]

  public init(_ plan: Plan) { self.plan = plan }

  /// Takes up a finished cell. Rank 0 reads its record.
  public mutating func add(_ cell: Cell) throws {
    records[cell.path] = try folder(of: cell).finishedRecord()
  }

  /// Takes up a cell that the program refused.
  public mutating func refuse(_ cell: Cell, _ reason: String) { refusals[cell.path] = reason }

  /// Why a cell has no result; nil where it has.
  public func refusal(of path: String) -> String? { refusals[path] }

  /// The accuracy of a cell and its time, in words; nil where its record is not here, or has none.
  public func summary(of cell: Cell) -> String? {
    guard let outcome = record(of: cell)?.outcome, let quality = outcome.final ?? outcome.scores
    else { return nil }
    return "ACC \(Format.fixed(quality.acc, 4)), \(Format.clock(outcome.seconds ?? 0))"
  }

  func record(of cell: Cell) -> RunRecord? { records[cell.path] }

  func folder(of cell: Cell) -> RunFolder { RunFolder("\(plan.output)/\(cell.path)") }

  /// The score of a reading; nil where the cell was refused, or nothing is labelled.
  func quality(_ reading: Reading) -> RunRecord.Quality? {
    record(of: reading.cell).flatMap { reading.quality($0) }
  }
}

/// A row of a table: a method on a corpus.
struct MethodRow {
  let method: Method
  let corpus: CorpusEntry
  let results: Results
  /// The paper's protocol.
  let sweep: [Reading]
  /// The default setting.
  let seeds: [Reading]

  init(_ method: Method, on corpus: CorpusEntry, _ results: Results) {
    self.method = method
    self.corpus = corpus
    self.results = results
    sweep = method.sweep(on: corpus, results.plan)
    seeds = method.seeds(on: corpus, results.plan)
  }

  /// The accuracies of readings that have one.
  private func accuracies(_ readings: [Reading]) -> [(reading: Reading, acc: Double)] {
    readings.compactMap { reading in results.quality(reading).map { (reading, $0.acc) } }
  }

  /// The paper's figure; nil where it has none.
  var paper: Double? { PaperFigures.accuracy(of: method, on: corpus) }

  /// The best accuracy over the settings, chosen by the labels as in the paper; the first of
  /// equals.
  var best: (reading: Reading, acc: Double)? {
    accuracies(sweep).reduce(nil) { best, next in
      best.map { $0.acc >= next.acc } ?? false ? best : next
    }
  }

  /// The worst over the settings.
  var lowest: (reading: Reading, acc: Double)? {
    accuracies(sweep).reduce(nil) { worst, next in
      worst.map { $0.acc <= next.acc } ?? false ? worst : next
    }
  }

  /// Accuracies of the settings, in their order.
  var settingAccuracies: [Double] { accuracies(sweep).map(\.acc) }

  /// Mean and sample standard deviation over the seeds; nil without a score.
  var mean: (value: Double, deviation: Double?, count: Int)? {
    let values = accuracies(seeds).map(\.acc)
    guard !values.isEmpty else { return nil }
    let (mean, deviation) = meanAndDeviation(values)
    return (mean, deviation, values.count)
  }

  /// Why there is no score at all.
  var refusal: String? {
    (sweep + seeds).compactMap { results.refusal(of: $0.cell.path) }.first
  }
}

/// The mean, and the standard deviation of a sample: nil of one value.
func meanAndDeviation(_ values: [Double]) -> (mean: Double, deviation: Double?) {
  let mean = values.reduce(0, +) / Double(values.count)
  guard values.count > 1 else { return (mean, nil) }
  let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  return (mean, (squares / Double(values.count - 1)).squareRoot())
}
