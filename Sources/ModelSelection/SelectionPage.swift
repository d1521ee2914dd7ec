import Charts
import Diagnostics

/// The page of a selection: the answers, the curves over k, and their figures.
public struct SelectionPage {
  private let selection: Selection
  /// The dataset's name.
  private let dataset: String

  public init(_ selection: Selection, dataset: String) {
    (self.selection, self.dataset) = (selection, dataset)
  }

  /// One page, complete in itself.
  public var html: String {
    let title = "How many clusters of \(dataset)"
    return HTML.page(
      title: title,
      body: ["<h1>\(HTML.escape(title))</h1>"] + sections)
  }

  /// The sections of the page, for another page.
  public var sections: [String] {
    [
      answers, HTML.section("The curves", [charts, reading]),
      HTML.section("The figures", [figures]),
    ]
  }

  private var answers: String {
    let verdict = HTML.escape(selection.verdict)
    let rows = selection.answers.map { answer in
      [
        answer.name, "\(answer.k)", Format.percent(answer.confidence),
        Format.fixed(answer.correctedStability, 2), Self.reason(answer),
      ]
    }
    let note =
      selection.isClear ? HTML.note("\(verdict).") : "<p class=\"warning\">\(verdict).</p>"
    return HTML.section(
      "Three answers",
      [
        note,
        HTML.table(["", "Clusters", "How sure", "Corrected stability", "Why"], rows, "numbers"),
        HTML.note(
          "How sure: how often this k is among the three where the curves are drawn again from "
            + "their intervals."),
      ])
  }

  private static func reason(_ answer: Selection.Answer) -> String {
    let reasons = [
      answer.isBest ? "the most stable" : nil,
      answer.isEigengap ? "the graph of neighbours falls into so many parts" : nil,
      answer.isElbow ? "the elbow of the gap" : nil,
    ].compactMap { $0 }
    return reasons.isEmpty ? "stable" : reasons.joined(separator: "; ")
  }

  private func chart(
    _ title: String, _ series: [(name: String, value: (CurvePoint) -> Double?)],
    interval: ((CurvePoint) -> Double)? = nil, limit: Double = .infinity
  ) -> String? {
    var chart = LineChart(
      title: title,
      series: series.map { series in
        LineChart.Series(
          name: series.name,
          points: selection.curves.compactMap { point in
            series.value(point).map { (Double(point.clusters), $0) }
          })
      })
    chart.xLabel = "k, the number of clusters"
    chart.namesLastValues = false
    chart.marks = selection.answers.map { (Double($0.k), "\($0.k)") }
    if let interval {
      chart.intervals = selection.curves.map { point in
        let middle = series[0].value(point) ?? 0
        let half = interval(point)
        return (Double(point.clusters), middle - half, min(limit, middle + half))
      }
    }
    return chart.svg
  }

  private var charts: String {
    HTML.figures(
      [
        chart(
          "Stability (ARI between subsamples)",
          [("stability", { $0.stability }), ("without clusters", { $0.stabilityBaseline })],
          interval: \.stabilityInterval, limit: 1),
        chart(
          "Generalizability G = L train / L validation",
          [("G", { $0.generalizability })], interval: \.generalizabilityInterval),
        chart("NMI with the labels", [("NMI", { $0.nmi })]),
        chart("Gap statistic", [("gap", { $0.gap })], interval: \.gapInterval),
        chart(
          "Eigengap of the graph of neighbours",
          [("of the code", { $0.codeEigengap }), ("of the input", { $0.inputEigengap })]),
      ].compactMap { $0 })
  }

  private var reading: String {
    HTML.note(
      "Dashed lines stand at the answers, bars are 95 % intervals. Stability: the mean adjusted Rand "
        + "index between clusterings of two subsamples on the documents that they share; beside it, "
        + "that of k-means on points spread alike but without clusters, which is large where there "
        + "are few. G (the paper’s Section 5.5) is small where a clustering fits the documents that "
        + "it was trained on better than others. Gap: how much more k-means explains of the code "
        + "than of those points. Eigengap: λ k+1 − λ k of the graph of ten neighbours of the code, and of "
        + "the input by latent semantic analysis; large where the graph falls into k parts. Labels, where there are any, are shown and choose nothing."
    )
  }

  private var figures: String {
    let isLabelled = selection.curves.contains { $0.nmi != nil }
    func both(_ value: Double, _ interval: Double) -> String {
      "\(Format.fixed(value, 3)) ± \(Format.fixed(interval, 3))"
    }
    return HTML.table(
      ["k", "Stability", "Without clusters", "Corrected", "G", "Gap", "Eigengap", "of the input"]
        + (isLabelled ? ["NMI"] : []),
      selection.curves.map { point in
        [
          "\(point.clusters)", both(point.stability, point.stabilityInterval),
          Format.fixed(point.stabilityBaseline, 3), Format.fixed(point.correctedStability, 3),
          both(point.generalizability, point.generalizabilityInterval),
          both(point.gap, point.gapInterval), Format.fixed(point.codeEigengap, 4),
          Format.fixed(point.inputEigengap, 4),
        ] + (isLabelled ? [point.nmi.map { Format.fixed($0, 3) } ?? ""] : [])
      }, "numbers")
  }
}
