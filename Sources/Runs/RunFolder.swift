import Datasets
import Diagnostics
import FoundationEssentials

/// A run folder: the names of its files, and how each is read.
public struct RunFolder: Sendable {
  public let path: String

  public enum Name {
    public static let record = "run.json"
    public static let metrics = "metrics.jsonl"
    public static let model = "model.safetensors"
    public static let pretrained = "pretrained.safetensors"
    public static let ids = "ids.txt"
    public static let vocabulary = "vocabulary.tsv"
    public static let assignments = "assignments.npy"
    public static let assignmentLines = "assignments.tsv"
    public static let initialAssignments = "initial_assignments.npy"
    public static let softAssignment = "soft_assignment.npy"
    public static let softTop = "soft_top.npy"
    public static let softTopClusters = "soft_top_clusters.npy"
    public static let embedding = "embedding.npy"
    public static let eigenvalues = "eigenvalues.npy"
    public static let neighbours = "neighbours.npy"
    public static let neighbourDistances = "neighbour_distances.npy"
    public static let centroids = "centroids.npy"
    public static let topics = "topics.tsv"
    public static let report = "report.html"
    public static let selection = "choose_k.json"
    public static let selectionPage = "choose_k.html"
    /// The folder of checkpoints, gone when the run is finished.
    public static let checkpoints = "checkpoints"
    /// The lock of the job at work.
    static let lock = ".dec-lock"
    /// Every file that a run leaves, the record first: a new run removes them in this order.
    static let all = [
      record, report, topics, metrics, model, pretrained, ids, vocabulary, assignments,
      assignmentLines,
      initialAssignments, softAssignment, softTop, softTopClusters, embedding, eigenvalues,
      neighbours, neighbourDistances, centroids, selection, selectionPage,
    ]
  }

  /// The most clusters of which q is written whole.
  public static let mostClustersOfQ = 100

  public init(_ path: String) { self.path = path }

  public func file(_ name: String) -> String { "\(path)/\(name)" }

  public func has(_ name: String) -> Bool { WholeFile.exists(file(name)) }

  /// `run.json`.
  ///
  /// - Throws: `Failure.io` where the folder is none of a run, `Failure.badInput` where the file is
  ///   no record.
  public func record() throws -> RunRecord {
    let hint = "name what dec train wrote"
    guard WholeFile.isFolder(path) else {
      let found = WholeFile.exists(path) ? "is a file, not a run folder" : "does not exist"
      throw Failure.io(path, found, hint: hint)
    }
    guard has(Name.record) else {
      throw Failure.io(
        path,
        WholeFile.exists(file("dataset.json"))
          ? "is a dataset, not a run folder" : "is no run folder: it has no run.json", hint: hint)
    }
    return try Self.readRecord(file(Name.record))
  }

  /// A `run.json`, wherever it lies.
  public static func readRecord(_ path: String) throws -> RunRecord {
    let bytes = try WholeFile.read(path)
    guard let record = try? JSONDecoder().decode(RunRecord.self, from: Data(bytes)),
      record.format == "dec-run"
    else {
      throw Failure.badInput(path, "is not the JSON of a run", hint: "run dec train again")
    }
    guard record.version <= RunRecord.currentVersion else {
      throw Failure.badInput(
        path, "is of version \(record.version); this dec reads 1 to \(RunRecord.currentVersion)",
        hint: "take the dec that wrote it")
    }
    return record
  }

  /// The record of a run that has come to its end: only then do the results belong together.
  public func finishedRecord() throws -> RunRecord {
    let record = try record()
    guard record.isFinished else {
      throw Failure.io(
        path, "holds a run that has not finished: its status is \"\(record.outcome.status)\"",
        hint: "wait for it, or run it again with --overwrite")
    }
    return record
  }

  /// Checks that a result is the one that the record speaks of. Records of earlier versions cannot
  /// tell.
  public func check(_ name: String, of record: RunRecord) throws {
    guard !record.outcome.files.isEmpty else { return }
    guard let known = record.outcome.files[name] else {
      throw Failure.badInput(
        file(name), "is not of the run that run.json tells of", hint: "run it again")
    }
    guard try DatasetInfo.FileInfo(of: file(name)) == known else {
      throw Failure.badInput(
        file(name), "is not what the run of run.json wrote: its checksum differs",
        hint: "the file was changed or is of another run; run it again")
    }
  }

  /// A file of clusters, one a document; nil where the run has none.
  public func assignments(_ name: String) throws -> [Int32]? {
    guard has(name) else { return nil }
    let reader = try NPYReader(file(name))
    guard reader.header.type == .int32, reader.header.shape.count == 1 else {
      throw Failure.badInput(
        file(name), "is \(reader.header.type) \(reader.header.shape), not int32 [n]")
    }
    return try reader.elements(0..<reader.header.count, as: Int32.self)
  }

  /// A file of rows of floats; nil where the run has none.
  public func matrix(_ name: String) throws -> NPYReader? {
    guard has(name) else { return nil }
    let reader = try NPYReader(file(name))
    let header = reader.header
    guard header.type == .float32, header.shape.count == 2, !header.isFortranOrder else {
      throw Failure.badInput(file(name), "is \(header.type) \(header.shape), not float32 [n, m]")
    }
    return reader
  }

  /// The lines of `metrics.jsonl`. What is no JSON is left out: a run that was ended may have cut
  /// its last line short.
  package func events() throws -> [JSON] {
    guard has(Name.metrics) else { return [] }
    return try WholeFile.read(file(Name.metrics)).split(separator: UInt8(ascii: "\n")).compactMap {
      try? JSONDecoder().decode(JSON.self, from: Data($0))
    }
  }

  /// The lines of `metrics.jsonl` that tell of the autoencoder, not of the clusters.
  func pretrainingLines() throws -> [UInt8] {
    guard has(Name.metrics) else { return [] }
    var kept: [UInt8] = []
    for line in try WholeFile.read(file(Name.metrics)).split(separator: UInt8(ascii: "\n")) {
      let event = try? JSONDecoder().decode(JSON.self, from: Data(line))
      guard let name = event?["phase"].string else { continue }
      let phase = RunRecord.Phase(phase: name, seconds: 0, iterations: 0, loss: nil)
      if phase.isPretraining { kept += line + [UInt8(ascii: "\n")] }
    }
    return kept
  }
}

extension RunRecord.Dataset {
  /// The dataset of a run, as the run saw it.
  ///
  /// - Throws: `Failure.badInput` where it was prepared again since: its documents may be others,
  ///   or in another order.
  public func open() throws -> DatasetFolder {
    let folder = try DatasetFolder(opening: path)
    guard fingerprint.isEmpty || folder.info.fingerprint == fingerprint else {
      throw Failure.badInput(
        path, "was prepared again since the run: its fingerprint is not the one in run.json",
        hint: "prepare it as it was, or score against a file in the order of the run's ids.txt by "
          + "--labels FILE --assignments RUN/assignments.npy")
    }
    return folder
  }
}
