import Datasets
import Runs

/// A table or figure of the paper.
///
/// To add one: a type of this protocol, a case of `ExhibitName`, and its place in `exhibit`.
public protocol Exhibit {
  /// What it shows, for the head of its page.
  var title: String { get }
  /// How to read it: a paragraph of HTML.
  var explanation: String { get }
  /// Datasets that its cells run on, made from a prepared corpus; the corpus itself by default.
  func corpora(of corpus: CorpusEntry) throws -> [CorpusPart]
  /// The runs that it needs on a corpus, those that others read before them.
  func cells(on corpus: CorpusEntry, _ plan: Plan) -> [Cell]
  /// What its page says of a corpus, and the same for `results.json`. Rank 0 calls it, after the
  /// cells were run.
  func part(on corpus: CorpusEntry, _ results: Results) throws -> ExhibitPart
}

extension Exhibit {
  public func corpora(of corpus: CorpusEntry) throws -> [CorpusPart] { [.whole] }
  public func cells(on corpus: CorpusEntry, _ plan: Plan) -> [Cell] { [] }
}

/// A dataset made of a corpus.
public enum CorpusPart: Sendable {
  /// All its documents.
  case whole
  /// Those of Section 5.4 for r_min.
  case retained(Double)
}

/// A section of a page.
public struct ExhibitPart {
  /// HTML.
  public var html: [String]
  /// The same for `results.json`.
  var json: [String: JSON]
}

/// What `dec reproduce` can make.
public enum ExhibitName: String, CaseIterable, Sendable {
  case table1 = "table-1"
  case table2 = "table-2"
  case table3 = "table-3"
  case table4 = "table-4"
  case figure2 = "figure-2"
  case figure3 = "figure-3"
  case figure4 = "figure-4"
  case figure5 = "figure-5"
  case figure6 = "figure-6"

  public var exhibit: any Exhibit {
    switch self {
    case .table1: StatisticsTable()
    case .table2: AccuracyTable.methods
    case .table3: AccuracyTable.onCode
    case .table4: ImbalanceTable()
    case .figure2: RangeFigure()
    case .figure3: TopDocuments()
    case .figure4: GradientFigure()
    case .figure5: EpochMaps()
    case .figure6: SelectionFigure()
    }
  }
}
