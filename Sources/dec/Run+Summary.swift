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

  /// Prints the scores of a method on a line, if there are labels.
  static func sayScores(_ name: String, _ quality: RunRecord.Quality?) {
    guard let quality else { return }
    Job.say(
      "\(name)  ACC \(Format.fixed(quality.acc, 4))  NMI \(Format.fixed(quality.nmi, 4))  "
        + "ARI \(Format.fixed(quality.ari, 4))")
  }

  /// Prints the scores, the cluster sizes, and the path of the results.
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
    Job.say(Self.describe(outcome.clusterSizes ?? []))
    Job.say(
      "\(outcome.iterations ?? 0) iterations, \(outcome.refreshes ?? 0) refreshes, "
        + "stopped by \(outcome.stoppedBy ?? ""), \(Format.clock(outcome.seconds ?? 0)) in all")
    Job.say("results: \(folder.path); open \(folder.path)/report.html")
  }
}
