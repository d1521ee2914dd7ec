import Charts
import Diagnostics

/// The sections about clusters: the table of clusters, and clusters against classes.
extension Report {
  var clusterSection: String? {
    guard let clusters else { return nil }
    let n = max(1, clusters.sizes.reduce(0, +))
    let largest = max(1, clusters.sizes.max() ?? 1)
    let ids = run.ids(of: clusters.representatives.flatMap { $0.map(\.document) })
    let hasProbability = !clusters.meanProbabilities.isEmpty

    var header = ["Cluster", "Size", "Share"]
    if hasProbability { header.append("Mean q") }
    if scores != nil { header += ["Matched class", "Largest class"] }
    if terms != nil { header.append("Terms") }
    if hasProbability { header.append("Surest documents") }

    let rows = clusters.sizes.indices.map { cluster in
      let size = clusters.sizes[cluster]
      let width = Format.fixed(90 * Double(size) / Double(largest), 0)
      var row = [
        "\(Palette.swatch(cluster))\(cluster)",
        "<span class=\"bar\" style=\"width:\(width)px\"></span> \(Format.count(size))",
        Format.percent(Double(size) / Double(n)),
      ]
      if hasProbability {
        row.append(size > 0 ? Format.fixed(clusters.meanProbabilities[cluster], 3) : "")
      }
      if scores != nil { row += classes(of: cluster) }
      if let terms {
        let list = HTML.escape(terms[cluster].joined(separator: ", "))
        row.append("<span class=\"terms\">\(list)</span>")
      }
      if hasProbability {
        let names = clusters.representatives[cluster].map { HTML.escape(ids[$0.document] ?? "") }
        row.append("<span class=\"ids\">\(names.joined(separator: ", "))</span>")
      }
      return row
    }
    var parts = [HTML.table(header, rows, "clusters")]
    parts.append(HTML.note(legend))
    let empty = clusters.sizes.count { $0 == 0 }
    if empty > 0 {
      parts.append(HTML.note("\(empty) of the \(clusters.sizes.count) clusters hold no document."))
    }
    return HTML.section("Clusters", parts)
  }

  /// An explanation of the table's columns.
  private var legend: String {
    var text: [String] = []
    if clusters?.meanProbabilities.isEmpty == false {
      text.append("Mean q is the mean probability that documents have of the cluster they are in.")
    }
    if scores != nil {
      text.append(
        "Classes are matched with clusters for ACC, one to one (Eq. 10). The largest class is given "
          + "with its share of the cluster’s labelled documents, the cluster’s purity.")
    }
    if terms != nil {
      text.append(
        "Terms are those whose mean tf-idf in the cluster is furthest above the corpus’s.")
    }
    return "<span class=\"facts\">\(HTML.escape(text.joined(separator: " ")))</span>"
  }

  /// Two cells of a cluster's row: its class under the mapping of Eq. 10, and its most frequent
  /// class.
  private func classes(of cluster: Int) -> [String] {
    guard let scores, cluster < scores.confusion.count else { return ["", ""] }
    let row = scores.confusion[cluster]
    let total = row.reduce(0, +)
    let matched = scores.mapping[cluster]
    let name = matched < 0 ? "none" : HTML.escape(className(matched))
    guard total > 0, let most = row.indices.max(by: { (row[$0], $1) < (row[$1], $0) }) else {
      return [name, ""]
    }
    let purity = Format.percent(Double(row[most]) / Double(total))
    return [name, "\(HTML.escape(className(most))), \(purity)"]
  }

  /// The most cells of the table of clusters and classes: a larger one could not be read.
  private static let mostCells = 10_000

  /// The shaded table of clusters against classes; nil without labels.
  var confusionSection: String? {
    guard let scores else { return nil }
    let cells = scores.clusters * scores.classes
    guard cells <= Self.mostCells else {
      return HTML.section(
        "Clusters and classes",
        [
          HTML.note(
            "A table of \(scores.clusters) clusters and \(scores.classes) classes is too large to "
              + "show: dec evaluate prints it.")
        ])
    }
    // Clusters in the order of their matched classes, so that agreement lies on the diagonal.
    let order = (0..<scores.clusters).sorted {
      let (a, b) = (scores.mapping[$0], scores.mapping[$1])
      return (a < 0 ? Int.max : a, $0) < (b < 0 ? Int.max : b, $1)
    }
    // Many or long names only fit vertically.
    let isTall = (0..<scores.classes).reduce(0) { $0 + className($1).count + 3 } > 110
    var html = "<div class=\"wide\"><table class=\"confusion\(isTall ? " small" : "")\">\n"
    html += "<thead><tr><th></th>"
    for label in 0..<scores.classes {
      let name = HTML.escape(className(label))
      html += isTall ? "<th class=\"tall\"><span>\(name)</span></th>" : "<th>\(name)</th>"
    }
    html += "<th>all</th></tr></thead>\n<tbody>\n"
    for cluster in order {
      let row = scores.confusion[cluster]
      let total = row.reduce(0, +)
      html += "<tr><th>cluster \(cluster)</th>"
      for (label, count) in row.enumerated() {
        html += Self.cell(count, total, isMatched: scores.mapping[cluster] == label)
      }
      html += "<td>\(Format.count(Int(total)))</td></tr>\n"
    }
    html += "</tbody></table></div>"
    return HTML.section(
      "Clusters and classes",
      [
        HTML.note(
          "Labelled documents of each cluster and class. Shading is the class’s share of the cluster; "
            + "matches are in bold."),
        html,
      ])
  }

  private static func cell(_ count: Int64, _ total: Int64, isMatched: Bool) -> String {
    guard count > 0, total > 0 else { return "<td></td>" }
    let share = Double(count) / Double(total)
    let shade = Format.fixed(0.06 + 0.84 * share, 2)
    let ink = share > 0.55 ? ";color:#fff" : ""
    let text = Format.count(Int(count))
    return "<td style=\"background:rgba(0,114,178,\(shade))\(ink)\">"
      + (isMatched ? "<b>\(text)</b>" : text) + "</td>"
  }
}
