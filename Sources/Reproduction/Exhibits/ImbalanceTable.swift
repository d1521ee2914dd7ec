/// Table 4: the clustering accuracy where some classes are rarer than others (Section 5.4).
struct ImbalanceTable: Exhibit {
  let title = "Table 4: clustering accuracy on imbalanced subsamples"
  let explanation =
    "Class 0 is kept at the rate r_min, the last class entirely, the others linearly in between. "
    + MethodRow.explanation
  private let methods: [Method] = [.kMeans, .aeKMeans, .dec]

  func corpora(of corpus: CorpusEntry) -> [CorpusPart] {
    corpus.isLabelled ? PaperFigures.retentionRates.map { .retained($0) } : []
  }

  func cells(on corpus: CorpusEntry, _ plan: Plan) -> [Cell] {
    methods.cells(on: corpus, plan)
  }

  func part(on corpus: CorpusEntry, _ results: Results) -> ExhibitPart {
    let rows = methods.map { MethodRow($0, on: corpus, results) }
    return ExhibitPart(
      html: [rows.table, rows.details],
      json: [
        "minimum_retention_rate": corpus.retentionRate.map { .number($0) } ?? .null,
        "rows": .array(rows.map(\.json)),
      ])
  }
}
