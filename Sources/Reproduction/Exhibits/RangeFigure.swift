import Charts
import Diagnostics
import Runs

/// Figure 2: the accuracy of each method over its settings.
struct RangeFigure: Exhibit {
  let title = "Figure 2: accuracy over the settings of each method"
  let explanation = """
    Each dot is one of the settings of Section 4.3. In practice there are no labels to choose among them: a \
    short bar is a method that needs no choice. The diamond is the best that the paper reports.
    """
  private let methods = AccuracyTable.methods.methods

  func cells(on corpus: CorpusEntry, _ plan: Plan) -> [Cell] {
    AccuracyTable.methods.cells(on: corpus, plan)
  }

  func part(on corpus: CorpusEntry, _ results: Results) -> ExhibitPart {
    let rows = methods.map { MethodRow($0, on: corpus, results) }
    let chart = RangeChart(
      title: corpus.name,
      rows: rows.map { row in
        RangeChart.Row(
          name: row.method.name, values: row.settingAccuracies.map { 100 * $0 },
          reference: row.paper.map { 100 * $0 })
      }, xLabel: "ACC, %", legend: ("one setting", "the paper’s best"))
    let refusals = rows.compactMap { row in
      row.refusal.map { HTML.note("\(row.method.name): N/A. \(HTML.escape($0))") }
    }
    return ExhibitPart(
      html: [chart.svg.map { HTML.figures([$0], "large") } ?? HTML.note("No accuracies.")]
        + refusals + [rows.settings, rows.details], json: ["rows": .array(rows.map(\.json))])
  }
}

extension [MethodRow] {
  /// ACC by the number of the setting.
  fileprivate var settings: String {
    let plan = first?.results.plan.settings ?? []
    let rows = map { row in
      [HTML.escape(row.method.name)]
        + row.sweep.map { reading in
          row.results.quality(reading).map { row.link(reading.cell, MethodRow.percent($0.acc)) }
            ?? "–"
        }
    }
    return HTML.table(["Setting"] + plan.map { "\($0 + 1)" }, rows, "numbers")
  }
}
