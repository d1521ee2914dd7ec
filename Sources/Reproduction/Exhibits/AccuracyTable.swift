/// Tables 2 and 3: the clustering accuracy of several methods.
struct AccuracyTable: Exhibit {
  let title: String
  let methods: [Method]
  let explanation = MethodRow.explanation

  /// Table 2: on the input.
  static let methods = AccuracyTable(
    title: "Table 2: clustering accuracy", methods: [.kMeans, .ldmgi, .sec, .frozen, .dec])
  /// Table 3: on the autoencoder's features.
  static let onCode = AccuracyTable(
    title: "Table 3: clustering accuracy on the autoencoder’s features",
    methods: [.aeKMeans, .aeLDMGI, .aeSEC, .dec])

  func cells(on corpus: CorpusEntry, _ plan: Plan) -> [Cell] {
    methods.cells(on: corpus, plan)
  }

  func part(on corpus: CorpusEntry, _ results: Results) -> ExhibitPart {
    let rows = methods.map { MethodRow($0, on: corpus, results) }
    return ExhibitPart(
      html: [rows.table, rows.details], json: ["rows": .array(rows.map(\.json))])
  }
}

extension [Method] {
  /// The cells of a table of these methods. What a cell needs stands before it.
  func cells(on corpus: CorpusEntry, _ plan: Plan) -> [Cell] {
    guard corpus.isLabelled else { return [] }
    var cells = (0..<plan.seedCount).map { Method.training(seed: $0, on: corpus, plan) }
    if allSatisfy({ $0.baseline != nil && !$0.isOnCode }) { cells = [] }
    for method in self {
      // The default setting first: it holds the neighbours that the others take.
      cells += method.seeds(on: corpus, plan).map(\.cell)
      cells += method.sweep(on: corpus, plan).map(\.cell)
    }
    return cells
  }
}
