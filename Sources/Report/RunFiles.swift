import Datasets
import Diagnostics
import Runs

/// The files of a run folder that the report reads. What the run lacks, such as the clusters of one
/// that was only pretrained, is nil; the shapes of what exists have been checked against each
/// other.
struct RunFiles {
  let folder: RunFolder
  let record: RunRecord
  /// The lines of `metrics.jsonl`, of the trial that was kept.
  let events: [JSON]
  /// c_i; nil where the run has not clustered.
  let assignments: [Int32]?
  /// The assignments of k-means, before the KL phase; nil where the run has not clustered.
  let initialAssignments: [Int32]?
  /// q, `[samples, clusters]`, or of many clusters its largest, `[samples, m]`; nil where the run
  /// has not clustered.
  let softAssignment: NPYReader?
  /// The clusters of `softAssignment`'s columns, `[samples, m]`; nil where those are all clusters.
  let softTopClusters: NPYReader?
  /// z, `[samples, code]`; nil where the run has not clustered.
  let embedding: NPYReader?
  let clusterCount: Int
  /// The dataset that was clustered; nil where it does not exist any more or has changed.
  let dataset: DatasetFolder?
  /// l_i; nil where the dataset has none.
  let labels: [Int32]?

  init(_ path: String) throws {
    typealias Name = RunFolder.Name
    folder = RunFolder(path)
    record = try folder.record()
    let kept = record.outcome.trial
    events = try folder.events().filter { kept == nil || $0["trial"].integer == kept }

    let softTop = try folder.matrix(Name.softTop)
    softTopClusters =
      softTop == nil ? nil : try NPYReader(folder.file(Name.softTopClusters))
    softAssignment = try softTop ?? folder.matrix(Name.softAssignment)
    embedding = try folder.matrix(Name.embedding)
    assignments = try folder.assignments(Name.assignments)
    initialAssignments = try folder.assignments(Name.initialAssignments)
    let largest = max(assignments?.max() ?? -1, initialAssignments?.max() ?? -1)
    let outcomeCount = record.outcome.clusterSizes?.count ?? 0
    clusterCount =
      (softTop != nil ? nil : softAssignment?.header.shape[1])
      ?? max(outcomeCount, Int(largest) + 1)

    dataset = try? record.dataset.open()
    labels = try dataset.flatMap { try $0.labels(0..<$0.info.samples) }
    try checkShapes(Int(largest))
  }

  /// n, the number of documents.
  var samples: Int? {
    let recorded = record.dataset.samples
    return assignments?.count ?? dataset?.info.samples ?? (recorded > 0 ? recorded : nil)
  }

  /// Names of the classes, as the dataset or the record has them.
  var classNames: [String] { dataset?.info.classNames ?? record.dataset.classNames }

  private func checkShapes(_ largest: Int) throws {
    func check(_ name: String, _ rows: Int?) throws {
      guard let rows, let samples, rows != samples else { return }
      throw Failure.badInput(
        folder.file(name), "has \(rows) rows for \(samples) documents",
        hint: "the files are not of one run")
    }
    try check("initial_assignments.npy", initialAssignments?.count)
    try check(
      softTopClusters != nil ? RunFolder.Name.softTop : RunFolder.Name.softAssignment,
      softAssignment?.header.shape[0])
    if let names = softTopClusters, names.header.shape != softAssignment?.header.shape {
      throw Failure.badInput(
        folder.file(RunFolder.Name.softTopClusters),
        "is \(names.header.shape), not \(softAssignment?.header.shape ?? [])",
        hint: "the files are not of one run")
    }
    try check("embedding.npy", embedding?.header.shape[0])
    if assignments != nil { try check("assignments.npy", dataset?.info.samples) }
    let least = min(assignments?.min() ?? 0, initialAssignments?.min() ?? 0)
    guard least >= 0, largest < clusterCount else {
      throw Failure.badInput(
        folder.file(RunFolder.Name.assignments),
        "names cluster \(least < 0 ? Int(least) : largest) of \(clusterCount)")
    }
  }
}

extension RunFiles {
  /// The ids of all documents.
  ///
  /// - Throws: `Failure.io` where the run has none.
  func documentIDs() throws -> [String] {
    let lines = try LineReader(path: folder.file(RunFolder.Name.ids))
    var ids: [String] = []
    while let line = try lines.next() { ids.append(String(decoding: line, as: UTF8.self)) }
    return ids
  }

  /// The ids of the given documents, from `assignments.tsv`; "document 7" for one that it lacks.
  func ids(of documents: [Int]) -> [Int: String] {
    var ids: [Int: String] = [:]
    for document in documents { ids[document] = "document \(document)" }
    let name = RunFolder.Name.assignmentLines
    guard folder.has(name), let bytes = try? WholeFile.read(folder.file(name)) else { return ids }
    var document = -1  // the first line names the columns
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      if ids[document] != nil {
        let id = bytes[start..<end].prefix { $0 != UInt8(ascii: "\t") }
        ids[document] = String(decoding: id, as: UTF8.self)
      }
      document += 1
      start = end + 1
    }
    return ids
  }
}
