import Charts
import ClusteringMetrics
import Diagnostics

/// What a reader should not take for granted.
extension Report {
  var doubtSection: PageSection? {
    guard let clusters else { return nil }
    var parts = [HTML.note(HTML.escape(Self.meaningOfProbability))]
    if let text = probabilityFacts(clusters) { parts.append(HTML.note(HTML.escape(text))) }
    let doubts = doubts(clusters).map { "<li>\(HTML.escape($0))</li>" }
    if !doubts.isEmpty { parts.append("<ul>\n\(doubts.joined(separator: "\n"))\n</ul>") }
    if !clusters.histogram.isEmpty {
      parts.append(HTML.figures([Histogram(counts: clusters.histogram).svg], "large"))
    }
    return PageSection("What to doubt", id: "doubts", parts)
  }

  private static let meaningOfProbability =
    "“Probability” is q (Eq. 1 of the paper): how near a document’s embedding is to the centroid of its "
    + "cluster, in comparison with the other centroids. It is not the chance that the document is "
    + "where it belongs: the KL phase raises it for every document, right or wrong. It is good for "
    + "finding the doubtful documents of one run, and not for comparing runs."

  private func probabilityFacts(_ clusters: ClusterStatistics) -> String? {
    let n = clusters.histogram.reduce(0, +)
    guard n > 0 else { return nil }
    let mean = zip(clusters.sizes, clusters.meanProbabilities).reduce(0) {
      $0 + Double($1.0) * $1.1
    }
    return
      "In this run a document has a probability of \(Format.fixed(mean / Double(n), 2)) of its cluster on "
      + "average; a document equally near to all clusters would have "
      + "\(Format.short(1 / Double(clusters.clusterCount)))."
  }

  private func doubts(_ clusters: ClusterStatistics) -> [String] {
    [
      withoutFeaturesDoubt, marginDoubt(clusters), changeDoubt(clusters), emptyDoubt(clusters),
      endingDoubt,
    ].compactMap { $0 }
  }

  private var withoutFeaturesDoubt: String? {
    guard !withoutFeatures.isEmpty, let assignments = run.assignments, let n = run.samples else {
      return nil
    }
    let counts = Dictionary(grouping: withoutFeatures) { Int(assignments[$0]) }
      .mapValues(\.count)
    guard let (cluster, most) = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else {
      return nil
    }
    let what = terms == nil ? "no feature at all" : "no term of the vocabulary"
    return "\(Format.counted(withoutFeatures.count, "document")) "
      + "(\(Format.percent(Double(withoutFeatures.count) / Double(n)))) have \(what): nothing is known "
      + "of them. "
      + (most == withoutFeatures.count
        ? "They are all in \(numbered(cluster))."
        : "\(Format.count(most)) of them are in \(numbered(cluster)).")
  }

  private func marginDoubt(_ clusters: ClusterStatistics) -> String? {
    let count = clusters.doubtful.reduce(0, +)
    let n = clusters.sizes.reduce(0, +)
    guard count > 0 else { return nil }
    func share(_ cluster: Int) -> Double {
      Double(clusters.doubtful[cluster]) / Double(max(1, clusters.sizes[cluster]))
    }
    let worst = clusters.sizes.indices.filter { clusters.doubtful[$0] > 0 }
      .sorted { (share($0), $1) > (share($1), $0) }.prefix(3)
    let names = worst.map { "\(numbered($0)) (\(Format.percent(share($0))))" }
    return
      "\(Format.counted(count, "document")) (\(Format.percent(Double(count) / Double(n)))) could as well be "
      + "in another cluster, which is at least "
      + "\(Format.fixed(Double(ClusterStatistics.strongRivalry), 1)) times as probable. Their share is "
      + "largest in \(names.joined(separator: ", "))."
  }

  /// Clusters that grew or shrank by half in the KL phase.
  private func changeDoubt(_ clusters: ClusterStatistics) -> String? {
    guard let initial = run.initialAssignments else { return nil }
    var before = [Int](repeating: 0, count: clusters.clusterCount)
    for cluster in initial where cluster >= 0 { before[Int(cluster)] += 1 }
    let changed = before.indices.filter {
      let ratio = Double(clusters.sizes[$0]) / Double(max(1, before[$0]))
      return ratio >= 1.5 || ratio <= 0.5
    }
    guard !changed.isEmpty else { return nil }
    let names = changed.prefix(8).map {
      "\(numbered($0)) (\(Format.count(before[$0])) → \(Format.count(clusters.sizes[$0])))"
    }
    return
      "\(Format.counted(changed.count, "cluster")) grew or shrank by half or more in the KL phase, so "
      + "k-means and DEC disagree about what they are: \(names.joined(separator: ", "))"
      + (changed.count > names.count ? " and others." : ".")
  }

  private func emptyDoubt(_ clusters: ClusterStatistics) -> String? {
    let empty = clusters.sizes.count { $0 == 0 }
    guard empty > 0 else { return nil }
    return
      "\(empty) of the \(clusters.sizes.count) clusters hold no document: there are fewer groups than "
      + "clusters were asked for."
  }

  private var endingDoubt: String? {
    guard run.record.outcome.stoppedBy == "max-iterations" else { return nil }
    return
      "The KL phase ended at its largest number of iterations: documents still changed cluster."
  }
}
