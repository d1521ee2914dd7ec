import Charts
import Diagnostics

/// The section with a card for each cluster: its terms, its documents, its pictures.
extension Report {
  /// How much is shown of each cluster, so that the page stays below a megabyte at any k.
  struct CardSize {
    var central = 5
    var borderline = 3
    var openingLength = 200
    /// The clusters that have a card; of more, the largest.
    static let mostCards = 300

    init(clusterCount k: Int) {
      if k > 60 { (central, borderline, openingLength) = (4, 2, 120) }
      if k > 120 { (central, borderline, openingLength) = (3, 1, 80) }
    }
  }

  var clusterSection: PageSection? {
    guard let clusters else { return nil }
    let size = CardSize(clusterCount: clusters.clusterCount)
    let order = clusters.sizes.indices.sorted {
      (clusters.sizes[$1], $0) < (clusters.sizes[$0], $1)
    }
    let shownClusters = order.prefix(CardSize.mostCards).filter { clusters.sizes[$0] > 0 }.sorted()
    let pictures = pictures(of: shownClusters, size)
    var parts: [String] = []
    if terms != nil { parts.append(Self.termExplanation) }
    if shownClusters.count < clusters.sizes.count {
      parts.append(HTML.note(leftOut(shownClusters)))
    }
    for cluster in shownClusters { parts.append(card(of: cluster, clusters, size, pictures)) }
    return PageSection("Cluster by cluster", id: "clusters", parts)
  }

  private static let termExplanation = """
    <p>Terms: a bar is the share of the cluster’s documents that contain the term, the figure
    beside it how many times as often as in all documents.</p>
    <p class="moving"><label>common in the cluster
    <input type="range" id="weight" min="0" max="100" value="40"
    aria-label="Relevance of terms: from common to distinctive"> distinctive</label>
    <span class="facts">(relevance λ = <output id="lambda">0.6</output>)</span></p>
    """

  private func leftOut(_ shown: [Int]) -> String {
    let empty = clusters?.sizes.count { $0 == 0 } ?? 0
    var text = "Shown are \(shown.count) of \(run.clusterCount) clusters."
    if empty > 0 { text += " \(empty) hold no document." }
    return text
  }

  private func card(
    of cluster: Int, _ clusters: ClusterStatistics, _ size: CardSize, _ pictures: ClusterPictures?
  ) -> String {
    var html = "<article class=\"cluster\" id=\"c\(cluster)\">\n"
    let name = topics[cluster].name
    let heading = name == Self.plainName(cluster) ? "Cluster \(cluster)" : "\(cluster) · \(name)"
    html += "<h3>\(Palette.swatch(cluster))\(HTML.escape(heading))</h3>\n"
    html += "<p class=\"facts\">\(HTML.escape(facts(of: cluster, clusters)))</p>\n"
    let terms = termList(of: cluster)
    var documents = pictures?.html(of: cluster) ?? ""
    if pictures == nil { documents += documentLists(of: cluster, clusters, size) }
    html += "<div class=\"parts\(terms == nil || documents.isEmpty ? " one" : "")\">\n"
    if let terms { html += "<div>\(terms)</div>\n" }
    if !documents.isEmpty { html += "<div>\(documents)</div>\n" }
    return html + "</div>\n</article>"
  }

  private func facts(of cluster: Int, _ clusters: ClusterStatistics) -> String {
    let size = clusters.sizes[cluster]
    let n = Double(max(1, clusters.sizes.reduce(0, +)))
    var facts = [
      "\(Format.counted(size, "document")), \(Format.percent(Double(size) / n))"
    ]
    if !clusters.meanProbabilities.isEmpty {
      facts.append("mean probability \(Format.fixed(clusters.meanProbabilities[cluster], 2))")
    }
    if let most = largestClass(of: cluster) {
      facts.append("mostly \(className(most.label)), \(Format.percent(most.share))")
    }
    return facts.joined(separator: " · ")
  }

  private func termList(of cluster: Int) -> String? {
    guard let terms, let clusters else { return nil }
    let list = terms.terms(of: cluster, count: PageData.termCount)
    guard !list.isEmpty else { return nil }
    let n = Double(clusters.sizes.reduce(0, +))
    let size = Double(clusters.sizes[cluster])
    let items = list.map { term -> String in
      let share = Double(term.inCluster) / size
      let times = share / (Double(term.inAll) / n)
      return "<li style=\"--share:\(Format.fixed(100 * share, 1))%\">"
        + "\(HTML.escape(terms.words[term.feature]))<span>× \(Self.factor(times))</span></li>"
    }
    return "<ol class=\"terms\" data-cluster=\"\(cluster)\">\(items.joined())</ol>"
  }

  /// "8.3" or "120".
  private static func factor(_ times: Double) -> String {
    Format.fixed(times, times < 9.95 ? 1 : 0)
  }

  private func documentLists(
    of cluster: Int, _ clusters: ClusterStatistics, _ size: CardSize
  ) -> String {
    func list(_ title: String, _ exemplars: [ClusterStatistics.Exemplar], _ isBorder: Bool)
      -> String
    {
      guard !exemplars.isEmpty else { return "" }
      let items = exemplars.map { exemplar -> String in
        var facts = [shown.id(exemplar.document), Format.fixed(Double(exemplar.probability), 2)]
        if isBorder, let next = exemplar.next { facts.append("or else \(numbered(next))") }
        let opening = shown.opening(exemplar.document, length: size.openingLength)
        return "<li>\(opening.map { HTML.escape($0) + " " } ?? "")"
          + "<span>\(HTML.escape(facts.joined(separator: " · ")))</span></li>"
      }
      return "<h4>\(title)</h4>\n<ul class=\"documents\">\(items.joined())</ul>\n"
    }
    let central = shown.distinct(clusters.central[cluster], count: size.central)
    let kept = Set(central.map(\.document))
    let border = clusters.borderline[cluster].filter { !kept.contains($0.document) }
    return list("In the middle", central, false)
      + list("At the border", shown.distinct(border, count: size.borderline), true)
  }
}
