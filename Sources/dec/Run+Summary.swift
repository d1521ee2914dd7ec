import Diagnostics
import Runs

// What a run prints at its end.

extension Run {
  /// The sizes of clusters, in words.
  static func describe(_ sizes: [Int]) -> String {
    guard sizes.count > 30 else {
      return "clusters of \(sizes.map(String.init).joined(separator: " ")) documents"
    }
    let sorted = sizes.sorted()
    return
      "\(sizes.count) clusters of \(sorted[0]) to \(sorted[sorted.count - 1]) documents, the median "
      + "\(sorted[sorted.count / 2])"
  }

  /// The command that gives new documents to the clusters.
  private var next: String {
    let input = record.features?.text != nil ? "new.txt" : "NEW_DATASET"
    return "dec assign \(folder.path) \(input) --output new.tsv"
  }

  /// Prints the scores of a method on a line, if there are labels.
  static func sayScores(_ name: String, _ quality: RunRecord.Quality?) {
    guard let quality else { return }
    Job.say(
      "\(name)  ACC \(Format.fixed(quality.acc, 4))  NMI \(Format.fixed(quality.nmi, 4))  "
        + "ARI \(Format.fixed(quality.ari, 4))")
  }

  /// The most clusters that are printed; of more, the largest.
  private static let mostClusters = 30

  /// Prints a line a cluster: its number, size, the mean probability of its documents, its name.
  private func sayClusters() {
    guard !topics.isEmpty else { return Job.say(Self.describe(record.outcome.clusterSizes ?? [])) }
    func column(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.count)) + text
    }
    Job.say("cluster  documents  probability  name")
    let largest = topics.sorted { ($1.size, $0.cluster) < ($0.size, $1.cluster) }
      .prefix(Self.mostClusters)
    for topic in largest.sorted(by: { $0.cluster < $1.cluster }) {
      let mean =
        topic.size > 0 && !meanProbabilities.isEmpty
        ? Format.fixed(meanProbabilities[topic.cluster], 2) : "-"
      Job.say(
        column("\(topic.cluster)", 7) + column(Format.count(topic.size), 11) + column(mean, 13)
          + "  "
          + topic.name)
    }
    let others = topics.count - largest.count
    if others > 0 {
      Job.say("\(others) smaller clusters are in \(folder.path)/\(RunFolder.Name.topics)")
    }
  }

  /// Prints the scores, the clusters, and where the results are.
  func summarize() {
    let outcome = record.outcome
    Self.sayScores("k-means on the input   ", outcome.baselines?.kMeans)
    Self.sayScores("LSA, unit rows, k-means", outcome.baselines?.lsaKMeans)
    Self.sayScores("AE+k-means             ", outcome.initial)
    Self.sayScores(
      record.clustering?.freezesEncoder == true
        ? "DEC without backprop   " : "DEC                    ", outcome.final)
    if let collapse = outcome.collapse { Job.say("the KL phase ended early: \(collapse)") }
    if let warning = outcome.warning { Job.say("look at the clusters: \(warning)") }
    sayClusters()
    Job.say(
      "\(outcome.iterations ?? 0) iterations, \(outcome.refreshes ?? 0) refreshes, "
        + "stopped by \(outcome.stoppedBy ?? ""), \(Format.clock(outcome.seconds ?? 0)) in all")
    Job.say(
      "results in \(folder.path): report.html to look at, topics.tsv (a line a cluster), assignments.tsv "
        + "(a line a document)")
    Job.say("next: open \(folder.path)/report.html; new documents by \(next)")
  }
}
