import Charts
import Diagnostics

/// The sections about training: losses, trials, and times.
extension Report {
  /// The KL phase: label change, loss and scores over the refreshes.
  var phaseSection: String? {
    guard let phase = course["kl"] else { return nil }
    var change = LineChart(
      title: "Documents that changed cluster",
      series: [.init(name: "change", points: phase.points("label_change", times: 100))],
      scale: .logarithmic, unit: " %")
    if let tolerance = setting("tolerance", "labelChangeTolerance")?.number, tolerance > 0 {
      change.reference = (100 * tolerance, "tolerance \(Format.plain(100 * tolerance)) %")
    }
    let loss = LineChart(
      title: "Loss, KL(P‖Q)", series: [.init(name: "loss", points: phase.points("loss"))])
    let quality = LineChart(
      title: "Agreement with the classes",
      series: ["acc", "nmi", "ari"].map { .init(name: $0.uppercased(), points: phase.points($0)) })
    let pictures = [change.svg, loss.svg, quality.svg].compactMap { $0 }
    guard !pictures.isEmpty else { return nil }
    return HTML.section("The KL phase", [HTML.figures(pictures)])
  }

  var pretrainingSection: String? {
    let pictures = course.pretraining.compactMap { phase -> String? in
      let points = phase.points("loss")
      guard points.count > 1 else { return nil }
      return LineChart(
        title: "\(phase.title): reconstruction loss",
        series: [.init(name: "loss", points: points)]
      ).svg
    }
    guard !pictures.isEmpty else { return nil }
    return HTML.section("Pretraining", [HTML.figures(pictures)])
  }

  /// The trials from different seeds, where there were several.
  var trialsSection: String? {
    let trials = run.record["outcome"]["trials"].elements
    guard trials.count > 1, let kept = run.record["outcome"]["trial"].integer else { return nil }
    let isScored = trials.contains { $0["dec"]["acc"].number != nil }
    let rows = trials.enumerated().map { index, trial in
      [
        index + 1 == kept ? "\(index + 1), kept" : "\(index + 1)",
        trial["agreement"].number.map { Format.fixed($0, 3) } ?? "",
      ]
        + (isScored
          ? ["ae_kmeans", "dec"].flatMap { stage in
            ["acc", "nmi"].map { trial[stage][$0].number.map { Format.fixed($0, 3) } ?? "" }
          } : [])
    }
    let scores = ["AE+k-means ACC", "NMI", "DEC ACC", "NMI"]
    return HTML.section(
      "Trials",
      [
        "<p>The trials start from different seeds. The one whose clusters agree best with those of the "
          + "others (largest mean NMI) was kept; labels were not used.</p>",
        HTML.table(["Trial", "Agreement"] + (isScored ? scores : []), rows, "numbers"),
      ])
  }

  /// The table of phases and their times, summed over all trials.
  var timeSection: String? {
    let phases = run.record["outcome"]["phases"].elements
    guard !phases.isEmpty else { return nil }
    let total = phases.reduce(0) { $0 + ($1["seconds"].number ?? 0) }
    let ranks = run.record["ranks"].integer ?? 1
    let rows = phases.map { phase in
      let name = phase["phase"].string ?? "?"
      let seconds = phase["seconds"].number
      let course = course[name]
      let speeds = (course?.points("documents_per_second").map(\.y) ?? []).sorted()
      var row = [
        HTML.escape(Course.Phase(name: name).title),
        name == "kmeans" ? "" : phase["iterations"].integer.map(Format.count) ?? "",
        seconds.map(Format.time) ?? "",
        seconds.map { Format.percent($0 / max(total, 1e-9)) } ?? "",
        name == "kmeans" || speeds.isEmpty
          ? "" : Format.count(Int(min(speeds[speeds.count / 2], 1e15))),
      ]
      if ranks > 1 {
        let waiting = name == "kmeans" ? nil : course?.sum("communication_seconds")
        row.append(
          zip(waiting, seconds).map { Format.percent(min(1, $0 / max($1, 1e-9))) } ?? "")
      }
      row.append(phase["loss"].number.map(Format.short) ?? "")
      return row
    }
    var header = ["Phase", "Iterations", "Time", "Share", "Documents a second"]
    if ranks > 1 { header.append("Waiting for other ranks") }
    header.append("Last loss")
    return HTML.section("Time", [HTML.table(header, rows, "numbers")])
  }

  private func zip(_ a: Double?, _ b: Double?) -> (Double, Double)? {
    guard let a, let b else { return nil }
    return (a, b)
  }
}
