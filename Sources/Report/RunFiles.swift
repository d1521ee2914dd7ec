import Datasets
import Diagnostics
import FoundationEssentials
import Runs

/// The files of a run folder that the report reads. What the run lacks, such as the clusters of one
/// that was only pretrained, is nil; the shapes of what exists have been checked against each
/// other.
struct RunFiles {
  let folder: String
  /// The contents of `run.json`.
  let record: JSON
  /// The lines of `metrics.jsonl`, of the trial that was kept.
  let events: [JSON]
  /// c_i; nil where the run has not clustered.
  let assignments: [Int32]?
  /// The assignments of k-means, before the KL phase; nil where the run has not clustered.
  let initialAssignments: [Int32]?
  /// q, `[samples, clusters]`; nil where the run has not clustered.
  let softAssignment: NPYReader?
  /// z, `[samples, code]`; nil where the run has not clustered.
  let embedding: NPYReader?
  let clusterCount: Int
  /// The dataset that was clustered; nil where it does not exist any more or has changed.
  let dataset: DatasetFolder?
  /// l_i; nil where the dataset has none.
  let labels: [Int32]?

  init(_ folder: String) throws {
    self.folder = folder
    record = try Self.readRecord(folder)
    let kept = record["outcome"]["trial"].integer
    events = try Self.readEvents("\(folder)/metrics.jsonl").filter {
      kept == nil || $0["trial"].integer == kept
    }

    let matrix = { (name: String) in try Self.matrix("\(folder)/\(name)") }
    softAssignment = try matrix("soft_assignment.npy")
    embedding = try matrix("embedding.npy")
    assignments = try Self.assignments("\(folder)/assignments.npy")
    initialAssignments = try Self.assignments("\(folder)/initial_assignments.npy")
    let largest = max(assignments?.max() ?? -1, initialAssignments?.max() ?? -1)
    let outcomeCount = record["outcome"]["cluster_sizes"].elements.count
    clusterCount = softAssignment?.header.shape[1] ?? max(outcomeCount, Int(largest) + 1)

    dataset = Self.openDataset(record["dataset"])
    labels = try dataset.flatMap { try $0.labels(0..<$0.info.samples) }
    try checkShapes(Int(largest))
  }

  /// n, the number of documents.
  var samples: Int? {
    assignments?.count ?? dataset?.info.samples ?? record["dataset"]["samples"].integer
  }

  /// The names of the classes, from the dataset or else from the record.
  var classNames: [String] {
    dataset?.info.classNames ?? record["dataset"]["class_names"].elements.compactMap(\.string)
  }

  private static func readRecord(_ folder: String) throws -> JSON {
    let path = "\(folder)/run.json"
    guard WholeFile.isFolder(folder) else {
      let found = WholeFile.exists(folder) ? "is a file, not a run folder" : "does not exist"
      throw Failure.io(folder, found, hint: "name what dec train wrote")
    }
    guard WholeFile.exists(path) else {
      throw Failure.io(
        folder,
        WholeFile.exists("\(folder)/dataset.json")
          ? "is a dataset, not a run folder" : "is no run folder: it has no run.json",
        hint: "name what dec train wrote")
    }
    let record = try? JSONDecoder().decode(JSON.self, from: Data(WholeFile.read(path)))
    guard let record, record["format"].string ?? "dec-run" == "dec-run" else {
      throw Failure.badInput(path, "is not the JSON of a run", hint: "run dec train again")
    }
    return record
  }

  /// Reads the lines that are JSON: where a run was ended, its last line may be incomplete.
  private static func readEvents(_ path: String) throws -> [JSON] {
    guard WholeFile.exists(path) else { return [] }
    return try WholeFile.read(path).split(separator: UInt8(ascii: "\n")).compactMap {
      try? JSONDecoder().decode(JSON.self, from: Data($0))
    }
  }

  private static func matrix(_ path: String) throws -> NPYReader? {
    guard WholeFile.exists(path) else { return nil }
    let reader = try NPYReader(path)
    let header = reader.header
    guard header.type == .float32, header.shape.count == 2, !header.isFortranOrder else {
      throw Failure.badInput(path, "is \(header.type) \(header.shape), not float32 [n, m]")
    }
    return reader
  }

  private static func assignments(_ path: String) throws -> [Int32]? {
    guard WholeFile.exists(path) else { return nil }
    let reader = try NPYReader(path)
    guard reader.header.type == .int32, reader.header.shape.count == 1 else {
      throw Failure.badInput(
        path, "is \(reader.header.type) \(reader.header.shape), not int32 [n]")
    }
    return try reader.elements(0..<reader.header.count, as: Int32.self)
  }

  /// Opens the dataset of a run; nil where its fingerprint differs, since it then has other
  /// documents or another order.
  private static func openDataset(_ record: JSON) -> DatasetFolder? {
    guard let path = record["path"].string, let dataset = try? DatasetFolder(opening: path) else {
      return nil
    }
    let isSame = record["fingerprint"].string.map { $0 == dataset.info.fingerprint } ?? true
    return isSame ? dataset : nil
  }

  private func checkShapes(_ largest: Int) throws {
    func check(_ name: String, _ rows: Int?) throws {
      guard let rows, let samples, rows != samples else { return }
      throw Failure.badInput(
        "\(folder)/\(name)", "has \(rows) rows for \(samples) documents",
        hint: "the files are not of one run")
    }
    try check("initial_assignments.npy", initialAssignments?.count)
    try check("soft_assignment.npy", softAssignment?.header.shape[0])
    try check("embedding.npy", embedding?.header.shape[0])
    if assignments != nil { try check("assignments.npy", dataset?.info.samples) }
    let least = min(assignments?.min() ?? 0, initialAssignments?.min() ?? 0)
    guard least >= 0, largest < clusterCount else {
      throw Failure.badInput(
        "\(folder)/assignments.npy",
        "names cluster \(least < 0 ? Int(least) : largest) of \(clusterCount)")
    }
  }
}

extension RunFiles {
  /// The ids of the given documents, from `assignments.tsv`; "document 7" for one that it lacks.
  func ids(of documents: [Int]) -> [Int: String] {
    var ids: [Int: String] = [:]
    for document in documents { ids[document] = "document \(document)" }
    let path = "\(folder)/assignments.tsv"
    guard WholeFile.exists(path), let bytes = try? WholeFile.read(path) else { return ids }
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

extension DatasetInfo {
  /// Identifies the contents of a dataset: the CRC-32s of its files, in the order of their names.
  var fingerprint: String {
    files.sorted { $0.key < $1.key }.map { String($0.value.crc32, radix: 16) }
      .joined(separator: "-")
  }
}
