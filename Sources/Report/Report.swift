import Charts
import ClusteringMetrics
import Datasets
import Runs

/// `report.html`: one self-contained page that describes a run. It is made from the files of the
/// run folder, and from the dataset where that is unchanged.
///
///     let report = try Report(run: "RUN")  // rank 0 only
///     try report.write()                   // RUN/report.html and RUN/topics.tsv
public struct Report {
  let run: RunFiles
  let course: Course
  /// Nil where the run has not clustered.
  let clusters: ClusterStatistics?
  /// The scores of DEC against the classes; nil without labels.
  let scores: Scores?
  /// The scores of AE+k-means; nil without labels.
  let initialScores: Scores?
  /// The texts of the documents; nil where there are none.
  let texts: DocumentTexts?
  /// Which terms the clusters' documents contain; nil where the texts are unknown.
  let terms: TermStatistics?
  /// The documents without any feature, ascending.
  let withoutFeatures: [Int]
  /// A column of the corpus that the clusters are set against; nil where none was asked for.
  let column: DocumentColumn?
  /// What each cluster is about, by its number; empty where the run has not clustered.
  public let topics: [Topic]
  /// The mean over each cluster's documents of their probability of it; empty where the run has
  /// none.
  public var meanProbabilities: [Double] { clusters?.meanProbabilities ?? [] }
  /// The documents that the page shows.
  let shown: ShownDocuments

  /// Reads a run folder.
  ///
  /// - Parameters:
  ///   - texts: The run's documents as a dataset of text, where its own is none.
  ///   - column: A column of the corpus, with a value for some or all documents.
  /// - Throws: `Failure.io` where the folder does not exist or is not a run folder,
  ///   `Failure.badInput` where one of its files is malformed, or `texts` or `column` are of other
  ///   documents.
  public init(
    run folder: String, texts: DatasetFolder? = nil, column: ColumnValues? = nil
  ) throws {
    let run = try RunFiles(folder)
    self.run = run
    course = Course(run.events)
    withoutFeatures = try run.dataset?.emptyDocuments() ?? []
    let withoutFeatures = withoutFeatures
    clusters = try run.assignments.map {
      try ClusterStatistics(run, $0, leavingOut: withoutFeatures)
    }
    scores = Self.scores(run, run.assignments)
    initialScores = Self.scores(run, run.initialAssignments)
    self.texts = try Self.texts(of: run, given: texts)
    if let texts = self.texts, let assignments = run.assignments {
      terms = try TermStatistics(
        texts.dataset, texts.clusters(assignments), clusterCount: run.clusterCount)
    } else {
      terms = nil
    }
    self.column = try column.map { try DocumentColumn($0, ofDocuments: try run.documentIDs()) }
    shown = try ShownDocuments(run, clusters, self.texts)
    topics = try Self.topics(run, clusters, terms, shown)
  }

  private static func texts(
    of run: RunFiles, given: DatasetFolder?
  ) throws -> DocumentTexts? {
    if let given { return try DocumentTexts(given, ofDocuments: try run.documentIDs()) }
    guard let dataset = run.dataset, dataset.info.text != nil else { return nil }
    return DocumentTexts(dataset)
  }

  /// Writes `report.html` into the run folder, completely or not at all, and `topics.tsv` where the
  /// run has finished with clusters.
  public func write() throws {
    if run.record.isFinished, !topics.isEmpty { try run.folder.write(topics) }
    try WholeFile.write(Array(html.utf8), to: run.folder.file(RunFolder.Name.report))
  }

  /// The page; the most important sections come first.
  public var html: String {
    let map = documentMap
    let sections: [PageSection?] = [
      overviewSection, mapSection(map), clusterSection, similaritySection, columnSection,
      doubtSection, confusionSection, phaseSection, pretrainingSection, trialsSection, timeSection,
      settingsSection,
    ]
    let present = sections.compactMap { $0 }
    return HTML.page(
      title: title,
      body: [headline(linking: present)] + present.map(\.html),
      data: clusters == nil ? nil : PageData(self, map).json, script: PageScript.text)
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

/// A part of the page with a heading, that the top of the page links to.
struct PageSection {
  var id: String
  var heading: String
  var parts: [String]

  init(_ heading: String, id: String, _ parts: [String]) {
    self.heading = heading
    self.id = id
    self.parts = parts
  }

  var html: String { HTML.section(heading, id: id, parts) }
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

  /// The name of a class, with the word "class" where it is but a number.
  func className(_ label: Int) -> String {
    guard label < run.classNames.count else { return "class \(label)" }
    let name = run.classNames[label]
    return name.allSatisfy(\.isNumber) ? "class \(name)" : name
  }

  /// The largest class of a cluster, and its share of the cluster's labelled documents; nil where
  /// there are no labels, or no labelled document is in the cluster.
  func largestClass(of cluster: Int) -> (label: Int, share: Double)? {
    guard let scores, cluster < scores.confusion.count else { return nil }
    let row = scores.confusion[cluster]
    let total = row.reduce(0, +)
    guard total > 0, let most = row.indices.max(by: { (row[$0], $1) < (row[$1], $0) }) else {
      return nil
    }
    return (most, Double(row[most]) / Double(total))
  }

  /// A cluster's number and, where it has one, its name.
  func numbered(_ cluster: Int) -> String {
    let name = topics.indices.contains(cluster) ? topics[cluster].name : ""
    return name.isEmpty || name == Self.plainName(cluster)
      ? "cluster \(cluster)" : "\(cluster) \(name)"
  }
}
