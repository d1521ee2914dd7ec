import Charts
import ClusteringMetrics
import Datasets
import Runs

/// `report.html`: one page, complete in itself, that shows a run to a reader who was not there. Made
/// from the files of the run folder, and of its dataset where that is still as it was.
///
///     let report = try Report(run: "RUN")  // rank 0 only
///     try report.write()                   // RUN/report.html
public struct Report {
  let run: RunFiles
  let course: Course
  /// Nil where the run has not clustered.
  let clusters: ClusterStatistics?
  /// Of DEC against the classes; nil without labels.
  let scores: Scores?
  /// Of AE+k-means.
  let initialScores: Scores?
  /// Of each cluster; nil where the dataset has no vocabulary.
  let terms: [[String]]?

  /// Terms shown of a cluster.
  static let termCount = 12

  /// Reads a run folder.
  ///
  /// - Throws: `Failure.io` where the folder is missing or no run, `Failure.badInput` where a file of
  ///   it is not what it should be.
  public init(run folder: String) throws {
    let run = try RunFiles(folder)
    self.run = run
    course = Course(run.events)
    clusters = try run.assignments.map { try ClusterStatistics(run, $0) }
    scores = Self.scores(run, run.assignments)
    initialScores = Self.scores(run, run.initialAssignments)
    if let dataset = run.dataset, let assignments = run.assignments {
      terms = try topTerms(
        dataset, assignments, clusterCount: run.clusterCount, count: Self.termCount)
    } else {
      terms = nil
    }
  }

  /// Writes `report.html` into the run folder, whole or not at all.
  public func write() throws {
    try WholeFile.write(Array(html.utf8), to: run.folder.file(RunFolder.Name.report))
  }

  /// The page, the most telling first.
  public var html: String {
    let sections = [
      headline, clusterSection, confusionSection, mapSection, confidenceSection, phaseSection,
      pretrainingSection, trialsSection, timeSection, settingsSection,
    ]
    return HTML.page(title: title, body: sections.compactMap { $0 })
  }

  private static func scores(_ run: RunFiles, _ assignments: [Int32]?) -> Scores? {
    guard let assignments, let labels = run.labels else { return nil }
    let scores = Scores(
      Contingency(
        labels: labels, assignments: assignments, clusters: run.clusterCount,
        classes: max(run.classNames.count, Int(labels.max() ?? -1) + 1)))
    return scores.samples > 0 ? scores : nil
  }
}

extension Report {
  /// The dataset's name: the last part of its path.
  var datasetName: String? {
    run.record.dataset.path.split(separator: "/").last.map { String($0) }
  }

  var title: String {
    guard run.assignments != nil else {
      let isPretraining = run.record.command == "pretrain"
      return (isPretraining ? "Pretraining" : "Run") + (datasetName.map { " on \($0)" } ?? "")
    }
    let clusters = run.clusterCount == 1 ? "1 cluster" : "\(run.clusterCount) clusters"
    return clusters + (datasetName.map { " of \($0)" } ?? "")
  }

  func className(_ label: Int) -> String {
    label < run.classNames.count ? run.classNames[label] : "class \(label)"
  }
}
