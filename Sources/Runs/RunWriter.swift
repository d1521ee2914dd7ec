import Collectives
import Datasets
import DeepClustering
import DenseMath
import Diagnostics
import FoundationEssentials
import Glibc

/// The output of a run at work. Results are written into a temporary folder in the run folder,
/// every rank its own rows, and get their names together at the end, the record last: a run that is
/// killed leaves no result under its name, and a record that says so. All functions are collective.
public final class RunWriter {
  public let folder: RunFolder
  private let world: any Communicator
  /// The documents of this rank, of so many.
  private let rows: Range<Int>
  private let samples: Int
  /// The temporary folder in which results are staged.
  private let staging: String
  private var staged: [String] = []
  /// This rank's bytes of `ids.txt`.
  private var idBytes = 0..<0
  private let lock: FolderLock?
  private let removal: Interruption.Removal?

  /// What a folder may hold when a run begins.
  public enum Existing {
    /// Nothing.
    case nothing
    /// Anything: results of an earlier run are removed.
    case replaced
    /// A pretraining, whose autoencoder and metrics are kept. A clustering of it is removed only
    /// where `replacing`.
    case pretraining(replacing: Bool)
  }

  /// Makes the folder and locks it, removes what an earlier run left, and makes sure that all ranks
  /// see it.
  ///
  /// - Parameter existing: What the folder may hold.
  /// - Throws: `Failure.usage` where it holds something else; `Failure.io` where another job writes
  ///   to it, or a rank does not see it.
  public init(
    _ path: String, command: String, existing: Existing, rows: Range<Int>, of samples: Int,
    over world: any Communicator
  ) throws {
    let folder = RunFolder(path)
    self.folder = folder
    self.world = world
    self.rows = rows
    self.samples = samples
    // 1. Rank 0 makes it its own.
    var name: [UInt8] = []
    lock = try world.together {
      guard world.isRoot else { return nil }
      try WholeFile.makeFolder(path, replacing: true)
      let lock = try FolderLock(
        folder.file(RunFolder.Name.lock), folder: path, command: "dec \(command)")
      try Self.checkContents(folder, existing)
      try Self.removeLeftovers(folder)
      name = Array(try Self.makeStaging(path).utf8)
      return lock
    }
    world.broadcast(&name)
    staging = "\(path)/\(String(decoding: name, as: UTF8.self))"
    let made = (RunFolder.Name.all + [Self.token]).map { [staging] in "\(staging)/\($0)" }
    removal =
      world.isRoot
      ? Interruption.remove(made + [staging, folder.file(RunFolder.Name.lock)]) : nil
    // 2. Everyone sees it.
    try checkShared()
    // 3. Nothing of an earlier run is left beside a new record.
    try world.together {
      if world.isRoot { try Self.removeResults(folder, existing) }
    }
  }

  deinit {
    if world.isRoot { Self.remove(staging) }
    removal?.cancel()
    lock?.release()
  }

  private static func checkContents(_ folder: RunFolder, _ existing: Existing) throws {
    guard !folder.has("dataset.json") else {
      throw Failure.usage(
        "\(folder.path) is a dataset folder", hint: "choose another --output for the run")
    }
    switch existing {
    case .replaced, .pretraining(replacing: true): return
    case .pretraining(replacing: false):
      guard try folder.record().clustering != nil else { return }
      throw Failure.usage(
        "\(folder.path) holds a clustering already",
        hint: "choose another --output, or replace the clustering with --overwrite")
    case .nothing:
      let names = try WholeFile.names(in: folder.path).filter {
        $0 != RunFolder.Name.lock && !$0.hasPrefix(stagingPrefix)
      }
      guard names.isEmpty else {
        throw Failure.usage(
          "\(folder.path) exists and is not empty",
          hint: "choose another --output, or replace it with --overwrite")
      }
    }
  }

  private static let stagingPrefix = ".partial-"
  private static let token = "token"

  /// - Returns: The folder's name.
  private static func makeStaging(_ path: String) throws -> String {
    var template = Array("\(path)/\(stagingPrefix)XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Failure.io(path, "cannot be written: \(String(cString: strerror(errno)))")
    }
    chmod(template, 0o755)
    let made = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    try WholeFile.write(Array(made.utf8), to: "\(made)/\(token)")
    return String(made.dropFirst(path.count + 1))
  }

  private static func remove(_ staging: String) {
    for name in (try? WholeFile.names(in: staging)) ?? [] { unlink("\(staging)/\(name)") }
    rmdir(staging)
  }

  /// Removes temporary folders of dead runs: a living run would hold the lock.
  private static func removeLeftovers(_ folder: RunFolder) throws {
    for name in try WholeFile.names(in: folder.path) where name.hasPrefix(stagingPrefix) {
      remove(folder.file(name))
    }
  }

  private static func removeResults(_ folder: RunFolder, _ existing: Existing) throws {
    var names = RunFolder.Name.all
    if case .pretraining = existing {
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

  /// Whether every rank reads what rank 0 wrote: on another host the same path may be another
  /// folder.
  private func checkShared() throws {
    var host = Array(ThisProcess.hostName.utf8)
    world.broadcast(&host)
    let root = String(decoding: host, as: UTF8.self)
    try world.together {
      // A client of NFS may have kept in mind for a while that there was no such name; opening the
      // folder makes it ask again.
      for attempt in 0..<30 {
        if let found = try? WholeFile.read("\(staging)/\(Self.token)"),
          String(decoding: found, as: UTF8.self) == staging
        {
          return
        }
        if attempt < 29 { usleep(100_000) }
        _ = try? WholeFile.names(in: folder.path)
      }
      throw Failure.io(
        folder.path,
        "rank \(world.rank) on \(ThisProcess.hostName) sees another folder there than rank 0 on \(root)",
        hint: "put --output where every host sees it, such as on NFS or Lustre")
    }
  }

  // MARK: Files

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
    idBytes = try stage(parts: lines, as: RunFolder.Name.ids)
    guard dataset.info.files[RunFolder.Name.vocabulary] != nil else { return }
    try stage(RunFolder.Name.vocabulary) {
      try WholeFile.read("\(dataset.path)/\(RunFolder.Name.vocabulary)")
    }
  }

  public func stage(_ model: Model, as name: String) throws {
    try stage(name) { model.safetensors.bytes }
  }

  /// A file of rank 0.
  private func stage(_ name: String, _ bytes: () throws -> [UInt8]) throws {
    try world.together {
      if world.isRoot { try WholeFile.write(bytes(), to: "\(staging)/\(name)") }
    }
    staged.append(name)
  }

  /// A number for each document.
  public func stage(_ assignments: [Int32], as name: String) throws {
    try stage(rows: assignments, width: nil, .int32, as: name)
  }

  /// A row for each document.
  public func stage(_ matrix: Matrix, as name: String) throws {
    try stage(rows: matrix.elements, width: matrix.columns, .float32, as: name)
  }

  private func stage<T: BitwiseCopyable>(
    rows values: [T], width: Int?, _ type: NPY.ElementType, as name: String
  ) throws {
    let path = "\(staging)/\(name)"
    let shape = [samples] + (width.map { [$0] } ?? [])
    try world.together {
      if world.isRoot { try NPYWriter.create(path: path, shape: shape, type: type) }
    }
    try world.together {
      let writer = try NPYWriter(path, shape: shape, type: type)
      try writer.write(values, atRow: rows.lowerBound)
      try writer.synchronize()
    }
    staged.append(name)
  }

  /// Every rank writes its own part of a file, one behind the other.
  ///
  /// - Returns: Where this rank's part lies.
  @discardableResult
  private func stage(parts bytes: [UInt8], as name: String) throws -> Range<Int> {
    let counts = world.allGather(Int64(bytes.count)).map { Int($0) }
    let offset = counts[..<world.rank].reduce(0, +)
    let path = "\(staging)/\(name)"
    try world.together { if world.isRoot { try WholeFile.write([], to: path) } }
    try world.together { try WholeFile.write(bytes, into: path, at: offset) }
    staged.append(name)
    return offset..<offset + bytes.count
  }

  /// `assignments.tsv`: a line a document, with the ids that `keep` has copied.
  ///
  /// - Parameter q: The soft assignment of this rank's documents.
  public func stageLines(_ assignments: [Int32], _ q: Matrix) throws {
    var lines = Array((world.isRoot ? "id\tcluster\tprobability\tmargin\n" : "").utf8)
    try world.together {
      let ids = try WholeFile.read("\(staging)/\(RunFolder.Name.ids)", idBytes)
      for (i, id) in ids.split(separator: 0x0a, omittingEmptySubsequences: false).prefix(rows.count)
        .enumerated()
      {
        let row = q.row(i).sorted(by: >)
        let margin = row.count > 1 ? row[0] - row[1] : row[0]
        lines += id
        lines += "\t\(assignments[i])\t\(row[0])\t\(margin)\n".utf8
      }
    }
    try stage(parts: lines, as: RunFolder.Name.assignmentLines)
  }

  // MARK: The end

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
    let parts = try world.together {
      try DatasetFolder.checksums(of: staged, in: staging, part: world.rank, of: world.size)
    }
    for (name, info) in zip(staged, DatasetFolder.combine(world.allGather(parts))) {
      record.outcome.files[name] = info
    }
    try world.together {
      guard world.isRoot else { return }
      for name in staged where rename("\(staging)/\(name)", folder.file(name)) != 0 {
        throw Failure.io(
          folder.file(name), "cannot be written: \(String(cString: strerror(errno)))")
      }
      try WholeFile.synchronize(folder: folder.path)
    }
    staged = []
    record.outcome.status = RunRecord.Outcome.finished
    try write(record)
  }
}
