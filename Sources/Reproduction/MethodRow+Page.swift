import Charts
import Diagnostics
import Runs

/// How a row is shown.
extension MethodRow {
  static let explanation = """
    Clustering accuracy (ACC, Eq. 10), in percent. <b>Best setting</b> is the paper’s protocol: one \
    hyperparameter takes nine values, and the best accuracy is reported, which the labels choose; k-means, \
    which has none, runs nine times. The honest figure beside it is the <b>default setting</b>: mean ± \
    standard deviation over seeds, where labels only score. Every figure leads to its run folder.
    """

  /// The cells of the table's row, as HTML.
  var html: [String] {
    let na = refusal.map { "<span title=\"\(HTML.escape($0))\">N/A</span>" } ?? "–"
    let lowest = lowest.map { link($0.reading.cell, Self.percent($0.acc)) }
    let best = best.map { best in
      let isSeed = method.hyperparameter.option == "--seed"
      return (
        link(best.reading.cell, Self.percent(best.acc)),
        isSeed ? "seed \(best.reading.seed)" : best.reading.setting
      )
    }
    let mean = mean.map { mean in
      Self.percent(mean.value) + (mean.deviation.map { " ± \(Format.fixed(100 * $0, 2))" } ?? "")
    }
    let links = seeds.filter { results.quality($0) != nil }.map { link($0.cell, "\($0.seed)") }
    return [
      HTML.escape(method.name), paper.map(Self.percent) ?? "–", "<b>\(best?.0 ?? na)</b>",
      HTML.escape(best?.1 ?? ""),
      lowest.map { "\($0) – \(best?.0 ?? "")" } ?? na, mean ?? na, links.joined(separator: " "),
    ]
  }

  static func percent(_ accuracy: Double) -> String { Format.fixed(100 * accuracy, 2) }

  func link(_ cell: Cell, _ text: String) -> String {
    "<a href=\"\(HTML.escape(cell.path))/\">\(text)</a>"
  }

  var json: JSON {
    func figure(_ value: Double?) -> JSON { value.map { .number($0) } ?? .null }
    let best = best
    return .object([
      "corpus": .string(corpus.name), "method": .string(method.rawValue), "paper": figure(paper),
      "best": figure(best?.acc), "best_setting": best.map { .string($0.reading.setting) } ?? .null,
      "lowest": figure(lowest?.acc), "mean": figure(mean?.value),
      "standard_deviation": figure(mean?.deviation),
      "refusal": refusal.map { .string($0) } ?? .null,
      "settings": .array(sweep.map(json)), "seeds": .array(seeds.map(json)),
    ])
  }

  private func json(_ reading: Reading) -> JSON {
    let quality = results.quality(reading)
    func figure(_ value: Double?) -> JSON { value.map { .number($0) } ?? .null }
    return .object([
      "setting": .string(reading.setting), "seed": .integer(reading.seed),
      "run": .string(reading.cell.path), "acc": figure(quality?.acc), "nmi": figure(quality?.nmi),
      "ari": figure(quality?.ari),
    ])
  }
}

extension [MethodRow] {
  /// The table of a corpus.
  var table: String {
    let count = first.map { $0.results.plan.settingCount } ?? 0
    let header = [
      "Method", "Paper, best of 9", "Best of \(count)", "at", "Range", "Default setting", "Seeds",
    ]
    return HTML.table(header, map(\.html), "numbers")
  }

  /// Every run behind the table, folded.
  var details: String {
    let rows = flatMap { row in
      [(row.sweep, "setting"), (row.seeds, "seed")].flatMap { readings, kind in
        readings.map { reading in row.detail(reading, kind) }
      }
    }
    let header = ["Method", "One of the", "Setting", "Seed", "ACC", "NMI", "ARI", "Run", "Time"]
    return "<details><summary>All runs: \(rows.count)</summary>\n"
      + HTML.table(header, rows, "numbers") + "</details>"
  }
}

extension MethodRow {
  fileprivate func detail(_ reading: Reading, _ kind: String) -> [String] {
    let quality = results.quality(reading)
    let refusal = results.refusal(of: reading.cell.path)
    let seconds = results.record(of: reading.cell)?.outcome.seconds
    return [
      HTML.escape(method.name), "\(kind)s", HTML.escape(reading.setting), "\(reading.seed)",
    ]
      + [quality?.acc, quality?.nmi, quality?.ari].map { $0.map(Self.percent) ?? "–" }
      + [
        refusal.map(HTML.escape) ?? link(reading.cell, HTML.escape(reading.cell.path)),
        seconds.map(Format.clock) ?? "",
      ]
  }
}
