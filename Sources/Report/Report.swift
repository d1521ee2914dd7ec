import Charts
import ClusteringMetrics
import Datasets
import Runs

/// `report.html`: one self-contained page that describes a run. It is made from the files of the
/// run folder, and from the dataset where that is unchanged.
///
///     let report = try Report(run: "RUN")  // rank 0 only
///     try report.write()                   // RUN/report.html
public struct Report {
  let run: RunFiles
  let course: Course
  /// Nil where the run has not clustered.
  let clusters: ClusterStatistics?
  /// The scores of DEC against the classes; nil without labels.
  let scores: Scores?
  /// The scores of AE+k-means; nil without labels.
  let initialScores: Scores?
  /// The top terms of each cluster; nil where the dataset has no vocabulary.
  let terms: [[String]]?

  /// The number of terms that are shown for a cluster.
  static let termCount = 12

  /// Reads a run folder.
  ///
  /// - Throws: `Failure.io` where the folder does not exist or is not a run folder,
  ///   `Failure.badInput` where one of its files is malformed.
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

  /// Writes `report.html` into the run folder, completely or not at all.
  public func write() throws {
    try WholeFile.write(Array(html.utf8), to: run.folder.file(RunFolder.Name.report))
  }

  /// The page; the most important sections come first.
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
