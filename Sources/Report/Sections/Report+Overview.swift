import Charts
import Diagnostics

/// The section at the top that lists the clusters, a line each.
extension Report {
  var overviewSection: PageSection? {
    guard let clusters else { return nil }
    let n = max(1, clusters.sizes.reduce(0, +))
    let largest = Double(max(1, clusters.sizes.max() ?? 1))
    let hasProbability = !clusters.meanProbabilities.isEmpty
    let lines = clusters.sizes.indices.map { cluster -> String in
      let size = clusters.sizes[cluster]
      let share = Format.fixed(100 * Double(size) / largest, 1)
      let name = HTML.escape(topics[cluster].name)
      let largest = largestClass(of: cluster).map {
        HTML.escape("\(className($0.label)), \(Format.percent($0.share))")
      }
      var line = "<li style=\"--share:\(share)%\"><span>\(Palette.swatch(cluster))\(cluster)</span>"
      line += "<span><a href=\"#c\(cluster)\">\(name)</a>"
      line += (largest.map { " <span class=\"facts\">\($0)</span>" } ?? "") + "</span>"
      line += "<span class=\"value\">\(Format.count(size))</span>"
      if hasProbability {
        let mean = size > 0 ? Format.fixed(clusters.meanProbabilities[cluster], 2) : ""
        line += "<span class=\"value\">\(mean)</span>"
      }
      return line + "</li>"
    }
    var text = "Number, name and size of each cluster"
    if hasProbability { text += ", and the mean probability that its documents have of it" }
    if scores != nil { text += "; beside the name the cluster’s largest class and its share" }
    let average = Format.count(n / max(1, clusters.clusterCount))
    text += ". The bars are sizes; a cluster has \(average) documents on average."
    return PageSection(
      "The clusters at a glance", id: "overview",
      [
        HTML.note(HTML.escape(text)),
        "<ol class=\"overview\">\n\(lines.joined(separator: "\n"))\n</ol>",
      ])
  }
}
