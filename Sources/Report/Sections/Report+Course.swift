import Charts
import Diagnostics

/// The sections about training: losses, trials, and times.
extension Report {
  /// The KL phase: label change, loss and scores over the refreshes.
  var phaseSection: PageSection? {
    guard let phase = course["kl"] else { return nil }
    var change = LineChart(
      title: "Documents that changed cluster",
      series: [.init(name: "change", points: phase.points("label_change", times: 100))],
      scale: .logarithmic, unit: " %")
    if let tolerance = run.record.clustering?.labelChangeTolerance, tolerance > 0 {
      change.reference = (100 * tolerance, "tolerance \(Format.plain(100 * tolerance)) %")
    }
    let loss = LineChart(
      title: "Loss, KL(P‖Q)", series: [.init(name: "loss", points: phase.points("loss"))])
    let quality = LineChart(
      title: "Agreement with the classes",
      series: ["acc", "nmi", "ari"].map { .init(name: $0.uppercased(), points: phase.points($0)) })
    let pictures = [change.svg, loss.svg, quality.svg].compactMap { $0 }
    guard !pictures.isEmpty else { return nil }
    return PageSection(
      "The KL phase", id: "kl",
      [HTML.note(HTML.escape(Self.lossExplanation)), HTML.figures(pictures)])
  }

  private static let lossExplanation =
    "The loss may rise, and that is no fault: P is computed anew from Q at every refresh, and as the "
    + "clusters get sharper, P moves away from Q faster than Q follows. What tells the progress is the "
    + "share of documents that changed cluster."

  var pretrainingSection: PageSection? {
    let pictures = course.pretraining.compactMap { phase -> String? in
      let points = phase.points("loss")
      guard points.count > 1 else { return nil }
      return LineChart(
        title: "\(phase.title): reconstruction loss",
        series: [.init(name: "loss", points: points)]
      ).svg
    }
    guard !pictures.isEmpty else { return nil }
    return PageSection("Pretraining", id: "pretraining", [HTML.figures(pictures)])
  }

  /// The trials from different seeds, where there were several.
  var trialsSection: PageSection? {
    let outcome = run.record.outcome
    guard let trials = outcome.trials, trials.count > 1, let kept = outcome.trial else {
      return nil
    }
    let isScored = trials.contains { $0.final != nil }
    let rows = trials.enumerated().map { index, trial in
      [
        index + 1 == kept ? "\(index + 1), kept" : "\(index + 1)",
        Format.fixed(trial.agreement, 3),
      ]
        + (isScored
          ? [trial.initial, trial.final].flatMap { quality in
            [quality?.acc, quality?.nmi].map { $0.map { Format.fixed($0, 3) } ?? "" }
          } : [])
    }
    let scores = ["AE+k-means ACC", "NMI", "DEC ACC", "NMI"]
    return PageSection(
      "Trials", id: "trials",
      [
        "<p>The trials start from different seeds. "
          + (trials.count > 2
            ? "The one whose clusters agree best with those of the others (largest mean NMI) was kept"
            : "The one whose clusters explain more of the documents’ directions was kept")
          + "; labels were not used.</p>",
        HTML.table(["Trial", "Agreement"] + (isScored ? scores : []), rows, "numbers"),
      ])
  }

  /// The table of phases and their times, summed over all trials.
  var timeSection: PageSection? {
    let phases = run.record.outcome.phases
    guard !phases.isEmpty else { return nil }
    let total = phases.reduce(0) { $0 + $1.seconds }
    let ranks = run.record.ranks
    let rows = phases.map { phase in
      let (name, seconds) = (phase.phase, phase.seconds)
      let course = course[name]
      let speeds = (course?.points("documents_per_second").map(\.y) ?? []).sorted()
      var row = [
        HTML.escape(Course.Phase(name: name).title),
        name == "kmeans" ? "" : Format.count(phase.iterations),
        Format.time(seconds),
        Format.percent(seconds / max(total, 1e-9)),
        name == "kmeans" || speeds.isEmpty
          ? "" : Format.count(Int(min(speeds[speeds.count / 2], 1e15))),
      ]
      if ranks > 1 {
        let waiting = name == "kmeans" ? nil : course?.sum("communication_seconds")
        row.append(waiting.map { Format.percent(min(1, $0 / max(seconds, 1e-9))) } ?? "")
      }
      row.append(operations(phase).map { Format.short($0 / max(seconds, 1e-9) * 1e-9) } ?? "")
      row.append(phase.loss.map(Format.short) ?? "")
      return row
    }
    var header = ["Phase", "Iterations", "Time", "Share", "Documents a second"]
    if ranks > 1 { header.append("Waiting for other ranks") }
    header += ["GFLOP/s", "Last loss"]
    return PageSection(
      "Time", id: "time",
      [
        HTML.table(header, rows, "numbers"),
        HTML.note(
          "GFLOP/s: the products of the network that the phase needs, over its whole time, on all ranks; "
            + "of sparse documents only the values that are not 0 count."),
      ])
  }
}
