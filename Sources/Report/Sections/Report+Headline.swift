import Charts
import ClusteringMetrics
import Diagnostics
import Runs

/// The top of the page: what was clustered, the scores, and the time it took.
extension Report {
  func headline(linking sections: [PageSection]) -> String {
    var parts = ["<h1>\(HTML.escape(title))</h1>", "<p class=\"facts\">\(facts)</p>"]
    if !warnings.isEmpty {
      let lines = warnings.map(HTML.escape).joined(separator: "<br>\n")
      parts.append("<p class=\"warning\">\(lines)</p>")
    }
    if let table = scoreTable { parts.append(table) }
    parts.append(HTML.note(HTML.escape(ending)))
    let links = sections.map { "<a href=\"#\($0.id)\">\(HTML.escape($0.heading))</a>" }
    if links.count > 1 { parts.append("<nav>\(links.joined(separator: "\n"))</nav>") }
    return "<header>\n\(parts.joined(separator: "\n"))\n</header>"
  }

  private var facts: String {
    let record = run.record
    var facts: [String] = []
    if let n = run.samples { facts.append("\(Format.count(n)) documents") }
    if record.dataset.features > 0 {
      facts.append("\(Format.count(record.dataset.features)) features")
    }
    facts.append("preset \(record.preset.rawValue)")
    if record.ranks > 0 {
      facts.append(
        "\(record.ranks) \(record.ranks == 1 ? "rank" : "ranks")"
          + (record.threads > 1 ? " of \(record.threads) threads" : ""))
    }
    if let seconds = record.outcome.seconds { facts.append(Format.time(seconds)) }
    return facts.map(HTML.escape).joined(separator: " · ")
  }

  /// The most distinct warnings of training that are shown.
  private static let mostWarnings = 5

  private var warnings: [String] {
    var warnings: [String] = []
    if !run.record.isFinished {
      warnings.append("This run has not finished: its status is “\(run.record.outcome.status)”.")
    }
    if run.dataset == nil, run.assignments != nil {
      warnings.append(
        "The dataset \(run.record.dataset.path) is gone or has changed since the run: what needs its "
          + "labels or its vocabulary is left out.")
    }
    let all = trainingWarnings
    warnings += all.prefix(Self.mostWarnings)
    if all.count > Self.mostWarnings {
      warnings.append("\(all.count - Self.mostWarnings) other warnings are in metrics.jsonl.")
    }
    return warnings
  }

  /// The distinct warnings of training, with the first iteration of each: a run may repeat a
  /// warning at every refresh.
  private var trainingWarnings: [String] {
    var texts: [String] = []
    var places: [String: (first: String, count: Int)] = [:]
    for phase in course.phases {
      for event in phase.events {
        guard let text = event["warning"].string else { continue }
        if places[text] == nil { texts.append(text) }
        let place = "\(phase.title), iteration \(event["iteration"].integer ?? 0)"
        places[text] = (places[text]?.first ?? place, (places[text]?.count ?? 0) + 1)
      }
    }
    return texts.map { text in
      let (first, count) = places[text]!
      return "\(first)\(count > 1 ? " and \(count - 1) times after" : ""): \(text)"
    }
  }

  /// ACC, NMI and ARI of AE+k-means and of DEC; nil without labels.
  private var scoreTable: String? {
    func row(_ scores: Scores?, _ recorded: RunRecord.Quality?) -> [Double]? {
      guard let acc = scores?.acc ?? recorded?.acc, let nmi = scores?.nmi ?? recorded?.nmi,
        let ari = scores?.ari ?? recorded?.ari
      else { return nil }
      return [acc, nmi, ari]
    }
    let before = row(initialScores, run.record.outcome.initial)
    let after = row(scores, run.record.outcome.final)
    guard before != nil || after != nil else { return nil }
    var rows: [[String]] = []
    if let before { rows.append(["autoencoder + k-means"] + before.map { Format.fixed($0, 3) }) }
    if let after { rows.append(["<b>DEC</b>"] + after.map { "<b>\(Format.fixed($0, 3))</b>" }) }
    if let before, let after {
      rows.append(
        ["difference"]
          + zip(after, before).map {
            let text = Format.fixed($0 - $1, 3)
            return text.hasPrefix("-") ? "−\(text.dropFirst())" : "+\(text)"
          })
    }
    let table = HTML.table(["", "ACC", "NMI", "ARI"], rows, "numbers scores")
    guard let scores, let n = run.samples else { return table }
    let share =
      Int(scores.samples) == n
      ? "all documents" : "the \(Format.count(Int(scores.samples))) labelled documents"
    return table
      + HTML.note("Over \(share), against \(scores.classes) classes.")
  }

  /// How the run ended, in words.
  private var ending: String {
    let outcome = run.record.outcome
    var sentences: [String] = []
    if let iterations = outcome.iterations {
      var text = "The KL phase took \(Format.count(iterations)) iterations"
      if let refreshes = outcome.refreshes {
        text += " and \(Format.count(refreshes)) refreshes of the target"
      }
      switch outcome.stoppedBy {
      case "tolerance":
        text += ", until the share of documents that changed cluster fell below the tolerance"
      case "max-iterations":
        text += ", the maximum that was set: the clusters may not have settled"
      case "collapse":
        text += ", until clusters collapsed: the result is that of the refresh before"
      case let other?: text += ", stopped by \(other)"
      case nil: break
      }
      sentences.append(text + ".")
    }
    if let first = run.initialAssignments, let last = run.assignments, !last.isEmpty {
      let moved = zip(first, last).reduce(0) { $0 + ($1.0 == $1.1 ? 0 : 1) }
      sentences.append(
        "It moved \(Format.percent(Double(moved) / Double(last.count))) of the documents to another "
          + "cluster than k-means gave them.")
    }
    if run.assignments == nil {
      sentences.append("There are no clusters in this run folder; dec cluster makes them.")
    }
    return sentences.joined(separator: " ")
  }
}
