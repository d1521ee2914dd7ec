import Collectives
import Datasets
import DeepClustering
import DenseMath
import Diagnostics
import FoundationEssentials
import Glibc

/// Writes the output of a run. Results are staged and get their names together at the end, the
/// record last: a run that is killed leaves no result under its name, and a record that says so.
/// All functions are collective.
public final class RunWriter {
  public let folder: RunFolder
  let world: any Communicator
  /// The documents of this rank, of so many.
  let rows: Range<Int>
  let samples: Int
  let staging: StagingFolder
  public let checkpoints: CheckpointFolder
  private var checkpoint: Checkpoint?
  /// The range of `ids.txt` that holds the ids of this rank's documents.
  private(set) var idBytes = 0..<0
  private let lock: FolderLock?

  /// What a folder may hold when a run begins.
  public enum Existing {
    /// Nothing.
    case nothing
    /// Anything: results of an earlier run are removed.
    case replaced
    /// A run that was interrupted, and goes on from its newest sound checkpoint. Without one it
    /// begins anew; where `inPlace`, with the pretraining in the folder.
    case unfinished(inPlace: Bool)
    /// A pretraining, whose autoencoder and metrics are kept. A clustering of it is removed only
    /// where `replacing`.
    case pretraining(replacing: Bool)

    /// Whether the autoencoder in the folder is not the run's own work.
    var keepsPretraining: Bool {
      switch self {
      case .nothing, .replaced: false
      case .unfinished(let inPlace): inPlace
      case .pretraining: true
      }
    }
  }

  /// Makes the folder and locks it, removes what an earlier run left, and makes sure that all ranks
  /// see it.
  ///
  /// - Parameters:
  ///   - existing: What the folder may hold.
  ///   - warn: Told on rank 0 of damaged checkpoints.
  /// - Throws: `Failure.usage` where it holds something else; `Failure.io` where another job writes
  ///   to it, or a rank does not see it.
  public init(
    _ path: String, command: String, existing: Existing, rows: Range<Int>, of samples: Int,
    over world: any Communicator, warn: (String) -> Void = { _ in }
  ) throws {
    let folder = RunFolder(path)
    self.folder = folder
    checkpoints = CheckpointFolder(of: folder, over: world)
    self.world = world
    self.rows = rows
    self.samples = samples
    // 1. Rank 0 reserves it for this job.
    lock = try world.together {
      guard world.isRoot else { return nil }
      try WholeFile.makeFolder(path, replacing: true)
      let lock = try FolderLock(
        folder.file(RunFolder.Name.lock), folder: path, command: "dec \(command)")
      try Self.checkContents(folder, existing)
      return lock
    }
    // 2. Every rank sees it.
    staging = try StagingFolder(in: path, over: world)
    // 3. Where it was.
    if case .unfinished = existing { checkpoint = try checkpoints.read(warn: warn) }
    // 4. Nothing of an earlier run is left beside a new record.
    try world.together { [checkpoint, checkpoints] in
      guard world.isRoot else { return }
      if let checkpoint {
        return try Self.cut(folder.file(RunFolder.Name.metrics), to: checkpoint.course.metricsBytes)
      }
      checkpoints.removeAll()
      try Self.removeResults(folder, existing)
    }
  }

  /// The checkpoint that the run goes on from, once: it is large.
  public func takeCheckpoint() -> Checkpoint? {
    defer { checkpoint = nil }
    return checkpoint
  }

  /// Removes what follows the first `bytes` of a file.
  private static func cut(_ path: String, to bytes: Int) throws {
    guard let size = WholeFile.size(path), size > bytes else { return }
    guard truncate(path, bytes) == 0 else {
      throw Failure.io(path, "cannot be cut: \(String(cString: strerror(errno)))")
    }
  }

  deinit {
    staging.discard()
    lock?.release()
  }

  private static func checkContents(_ folder: RunFolder, _ existing: Existing) throws {
    guard !folder.has("dataset.json") else {
      throw Failure.usage(
        "\(folder.path) is a dataset folder", hint: "choose another --output for the run")
    }
    switch existing {
    case .replaced, .unfinished, .pretraining(replacing: true): return
    case .pretraining(replacing: false):
      guard try folder.record().clustering != nil else { return }
      throw Failure.usage(
        "\(folder.path) holds a clustering already",
        hint: "choose another --output, or replace the clustering with --overwrite")
    case .nothing:
      // A record that was never finished holds nothing; the caller has the folder's lock.
      let names = try WholeFile.names(in: folder.path).filter {
        $0 != RunFolder.Name.lock && !$0.hasPrefix(StagingFolder.prefix)
          && !$0.hasPrefix("\(RunFolder.Name.record).partial-")
      }
      guard names.isEmpty else {
        throw Failure.usage(
          "\(folder.path) exists and is not empty",
          hint: (try? folder.record().isFinished) == false
            ? "go on with it by --resume, replace it with --overwrite, or choose another --output"
            : "choose another --output, or replace it with --overwrite")
      }
    }
  }

  private static func removeResults(_ folder: RunFolder, _ existing: Existing) throws {
    var names = RunFolder.Name.all
    if existing.keepsPretraining {
      try WholeFile.write(
        try folder.pretrainingLines(), to: folder.file(RunFolder.Name.metrics))
      names.removeAll {
        [RunFolder.Name.record, RunFolder.Name.pretrained, RunFolder.Name.metrics].contains($0)
      }
    }
    for name in names where unlink(folder.file(name)) != 0 && errno != ENOENT {
      throw Failure.io(folder.file(name), "cannot be removed: \(String(cString: strerror(errno)))")
    }
  }

  // MARK: What a run leaves

  /// Writes the record at once.
  public func write(_ record: RunRecord) throws {
    try world.together {
      guard world.isRoot else { return }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try WholeFile.write(
        Array(try encoder.encode(record)) + [0x0a], to: folder.file(RunFolder.Name.record))
    }
  }

  /// Copies what identifies documents and features: later the dataset may be another.
  public func keep(_ dataset: DatasetFolder) throws {
    var lines: [UInt8] = []
    try world.together { for id in try dataset.ids(rows) { lines += "\(id)\n".utf8 } }
    idBytes = try staging.write(RunFolder.Name.ids, concatenating: lines)
    guard dataset.info.files[RunFolder.Name.vocabulary] != nil else { return }
    try staging.write(RunFolder.Name.vocabulary) {
      try WholeFile.read("\(dataset.path)/\(RunFolder.Name.vocabulary)")
    }
  }

  /// A text that rank 0 has.
  public func stage(_ text: [UInt8], as name: String) throws {
    try staging.write(name) { text }
  }

  public func stage(_ model: Model, as name: String) throws {
    try staging.write(name) { model.safetensors.bytes }
  }

  /// A number for each document.
  public func stage(_ assignments: [Int32], as name: String) throws {
    try staging.write(name, rows: rows, shape: [samples], .int32) { Array(assignments[$0]) }
  }

  /// A row for each document.
  public func stage(_ matrix: Matrix, as name: String) throws {
    try staging.write(name, rows: rows, shape: [samples, matrix.columns], .float32) {
      matrix.rows($0).elements
    }
  }

  /// The clusters of all documents: `assignments.npy` and `.tsv`, `embedding.npy`, and q.
  ///
  /// - Parameter keepTop: m: of more than `RunFolder.mostClustersOfQ` clusters, q is written of the
  ///   m most probable of each document.
  public func stage(_ refresh: TargetRefresh, keepTop: Int) throws {
    typealias Name = RunFolder.Name
    try stage(refresh.assignments, as: Name.assignments)
    try stage(refresh.codes, as: Name.embedding)
    let k = refresh.centroids.rows
    if k <= RunFolder.mostClustersOfQ {
      try staging.write(Name.softAssignment, rows: rows, shape: [samples, k], .float32) {
        refresh.softAssignment(of: $0).elements
      }
    } else {
      let m = min(keepTop, k)
      try staging.write(Name.softTop, rows: rows, shape: [samples, m], .float32) {
        refresh.topClusters(m, of: $0).probabilities.elements
      }
      try staging.write(Name.softTopClusters, rows: rows, shape: [samples, m], .int32) {
        refresh.topClusters(m, of: $0).clusters
      }
    }
    try stageLines(refresh)
  }

  /// `assignments.tsv`: a line a document, with the ids that `keep` has copied.
  private func stageLines(_ refresh: TargetRefresh) throws {
    let count = min(2, refresh.centroids.rows)
    var lines = Array((world.isRoot ? "id\tcluster\tprobability\tmargin\n" : "").utf8)
    try world.together {
      let ids = try WholeFile.read(staging.file(RunFolder.Name.ids), idBytes)
      let names = ids.split(separator: 0x0a, omittingEmptySubsequences: false)
      for part in StagingFolder.parts(of: rows.count) {
        let top = refresh.topClusters(count, of: part).probabilities
        for (row, i) in part.enumerated() {
          let margin = count > 1 ? top[row, 0] - top[row, 1] : top[row, 0]
          lines += names[i]
          lines += "\t\(refresh.assignments[i])\t\(top[row, 0])\t\(margin)\n".utf8
        }
      }
    }
    try staging.write(RunFolder.Name.assignmentLines, concatenating: lines)
  }

  /// Gives results their names before the run is at its end.
  func publishEarly(_ names: [String]) throws { try staging.publish(names) }

  /// Gives the results their names, and completes the record with their checksums.
  ///
  /// - Parameter dataset: Looked at again: it must still be what the run began with.
  public func publish(_ record: inout RunRecord, dataset: DatasetFolder) throws {
    try world.together {
      guard world.isRoot else { return }
      let now = try? DatasetFolder(opening: dataset.path).info.fingerprint
      guard now == dataset.info.fingerprint else {
        throw Failure.io(
          dataset.path, "was replaced while the run read it; the results are not kept",
          hint: "run it again, and prepare other data into another folder")
      }
    }
    record.outcome.files.merge(try staging.checksums()) { _, new in new }
    try staging.publish()
    record.outcome.status = RunRecord.Outcome.finished
    try write(record)
    if world.isRoot { checkpoints.removeAll() }
  }
}
