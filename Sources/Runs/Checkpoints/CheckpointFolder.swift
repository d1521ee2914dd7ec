import Collectives
import Datasets
import DeepClustering
import Diagnostics
import FoundationEssentials
import Glibc

/// `checkpoints/` in a run folder: a folder for each checkpoint, which is complete or absent. The
/// caller holds the lock of the run folder. All functions are collective unless they say otherwise.
public final class CheckpointFolder {
  private let path: String
  private let world: any Communicator
  /// The newest checkpoint that is known to be sound.
  private var newest: Int?

  /// What `begin` has begun.
  private var unfinished: Unfinished?

  /// The path of the newest checkpoint that this run wrote or went on from; nil before the first.
  public var newestPath: String? { newest.map(folder) }

  private static let state = "state.safetensors"
  private static let partial = ".partial"

  public init(of run: RunFolder, over world: any Communicator) {
    path = run.file(RunFolder.Name.checkpoints)
    self.world = world
  }

  // MARK: Writing

  /// Writes a checkpoint, and removes all but it and the one before.
  ///
  /// - Parameter state: Each rank's part.
  /// - Throws: `Failure.io` on every rank where it cannot be written; those before stay.
  public func write(_ state: TrainingState, _ course: RunCourse) throws {
    try begin(state, course)
    try finish()
  }

  /// A checkpoint that threads of all ranks are writing.
  private struct Unfinished {
    let number: Int
    /// The file's bytes before the tensors.
    let headerBytes: Int
    /// Writes this rank's parts: for each its offset, its length and its checksum.
    let work: BackgroundWork<[Int]>
  }

  /// Rows of a tensor, and where in the file they lie.
  private typealias Part = (offset: Int, values: [Float])

  /// Whether a checkpoint has been begun and is not finished. The same on every rank.
  var isWriting: Bool { unfinished != nil }

  /// Whether this rank's part of the checkpoint that has been begun is written. Not collective.
  var isPartWritten: Bool { unfinished?.work.isDone ?? false }

  /// Begins to write a checkpoint, which `finish` completes: the training goes on meanwhile.
  ///
  /// - Parameter state: Each rank's part.
  /// - Throws: `Failure.io` on every rank where the file cannot be made.
  func begin(_ state: TrainingState, _ course: RunCourse) throws {
    precondition(unfinished == nil, "one checkpoint at a time")
    try removingLeftovers {
      let file = "\(path)/\(Self.partial)/\(Self.state)"
      // 1. Rank 0 makes the file, and writes what stands before the tensors.
      var start: [Int64] = [0, 0]
      try world.together {
        guard world.isRoot else { return }
        let partial = "\(path)/\(Self.partial)"
        Self.remove(partial)
        // Not with its parents: where the run folder was removed, nobody wants another one.
        for folder in [path, partial] where mkdir(folder, 0o755) != 0 && errno != EEXIST {
          throw Failure.io(folder, "cannot be made: \(String(cString: strerror(errno)))")
        }
        let header = try Self.header(state, course)
        try WholeFile.write(header, to: file)
        start = [Int64(header.count), Int64((numbers().last ?? 0) + 1)]
      }
      world.broadcast(&start)
      // 2. Every rank writes its rows.
      let parts = Self.parts(of: state, from: Int(start[0]))
      unfinished = Unfinished(
        number: Int(start[1]), headerBytes: Int(start[0]),
        work: BackgroundWork {
          try WholeFile.write(parts, into: file)
          return parts.flatMap {
            [$0.offset, 4 * $0.values.count, Self.checksum(of: $0.values)]
          }
        })
    }
  }

  /// Completes the checkpoint that was begun, and removes all but it and the one before.
  ///
  /// - Throws: `Failure.io` on every rank where a part could not be written; those before stay.
  func finish() throws {
    guard let unfinished else { return }
    self.unfinished = nil
    try removingLeftovers {
      let pieces = world.gather(Self.bytes(of: try world.together { try unfinished.work.wait() }))
      // 3. Rank 0 adds the checksum, and gives the folder its name.
      try world.together {
        guard world.isRoot else { return }
        let header = try WholeFile.read(
          "\(path)/\(Self.partial)/\(Self.state)", 0..<unfinished.headerBytes)
        try publish(Self.info(header, pieces.joined()), as: unfinished.number)
      }
      newest = unfinished.number
    }
  }

  /// What is there of a checkpoint that cannot be completed would fill the disk.
  private func removingLeftovers(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch {
      if world.isRoot { Self.remove("\(path)/\(Self.partial)") }
      throw error
    }
  }

  /// The bytes of the file before its tensors.
  private static func header(_ state: TrainingState, _ course: RunCourse) throws -> [UInt8] {
    Safetensors.header(
      of: state.tensors.mapValues(\.shape),
      metadata: [
        CheckpointHeader.key: try CheckpointHeader(training: state.header, course: course).json
      ])
  }

  /// This rank's rows of all tensors, and where they lie in a file whose tensors begin at `start`.
  private static func parts(of state: TrainingState, from start: Int) -> [Part] {
    var offset = start
    var parts: [Part] = []
    for (_, tensor) in state.tensors.sorted(by: { $0.key < $1.key }) {
      let width = tensor.shape.dropFirst().reduce(1, *)
      if !tensor.values.isEmpty {
        parts.append((offset + 4 * tensor.rows.lowerBound * width, tensor.values))
      }
      offset += 4 * tensor.shape.reduce(1, *)
    }
    return parts
  }

  private static func checksum(of values: [Float]) -> Int {
    Int(values.withUnsafeBytes { Checksum.crc($0) })
  }

  private static func bytes(of numbers: [Int]) -> [UInt8] { numbers.withUnsafeBytes { Array($0) } }

  /// What a file is of which the ranks have written pieces: offset, length and checksum of each.
  private static func info(_ header: [UInt8], _ pieces: some Sequence<UInt8>) -> CheckpointInfo {
    let numbers = Array(pieces).withUnsafeBytes { Array($0.bindMemory(to: Int.self)) }
    let sorted = stride(from: 0, to: numbers.count, by: 3).sorted { numbers[$0] < numbers[$1] }
    var file = CheckpointInfo.FileInfo(bytes: header.count, crc32: Checksum.crc(header))
    for i in sorted {
      precondition(numbers[i] == file.bytes, "the ranks' rows of a tensor are not all its rows")
      file.crc32 = Checksum.combine(
        file.crc32, UInt32(numbers[i + 2]), length: numbers[i + 1])
      file.bytes += numbers[i + 1]
    }
    return CheckpointInfo(files: [state: file])
  }

  /// Not collective; rank 0 calls it.
  private func publish(_ info: CheckpointInfo, as number: Int) throws {
    let partial = "\(path)/\(Self.partial)"
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try WholeFile.write(
      Array(try encoder.encode(info)) + [0x0a], to: "\(partial)/\(CheckpointInfo.name)")
    try WholeFile.synchronize(folder: partial)
    guard rename(partial, folder(number)) == 0 else {
      throw Failure.io(folder(number), "cannot be made: \(String(cString: strerror(errno)))")
    }
    try WholeFile.synchronize(folder: path)
    let kept = [number, newest]
    for old in numbers() where !kept.contains(old) { Self.remove(folder(old)) }
  }

  // MARK: Reading

  /// The newest sound checkpoint; nil where there is none.
  ///
  /// - Parameter warn: Told on rank 0 of each checkpoint that is damaged.
  /// - Throws: `Failure.io` where a later version of dec wrote one.
  public func read(warn: (String) -> Void) throws -> Checkpoint? {
    var bytes: [UInt8] = []
    var found: [Int] = []
    try world.together {
      guard world.isRoot else { return }
      for number in numbers().reversed() {
        do {
          bytes = try Self.soundBytes(of: folder(number))
          found = [number]
          return
        } catch let damage as Damage {
          warn("\(folder(number)): \(damage.text); this checkpoint is skipped")
        }
      }
    }
    world.broadcast(&bytes)
    world.broadcast(&found)
    newest = found.first
    guard !bytes.isEmpty else { return nil }
    return try world.together { try Self.checkpoint(bytes, path: path) }
  }

  /// What makes a checkpoint useless.
  private struct Damage: Error {
    var text: String
  }

  /// The bytes of a checkpoint's state.
  private static func soundBytes(of folder: String) throws -> [UInt8] {
    guard let json = try? WholeFile.read("\(folder)/\(CheckpointInfo.name)"),
      let info = try? JSONDecoder().decode(CheckpointInfo.self, from: Data(json)),
      info.format == CheckpointInfo.format, let file = info.files[state]
    else { throw Damage(text: "\(CheckpointInfo.name) is missing or damaged") }
    guard let bytes = try? WholeFile.read("\(folder)/\(state)") else {
      throw Damage(text: "\(state) cannot be read")
    }
    guard bytes.count == file.bytes else {
      throw Damage(text: "\(state) has \(bytes.count) bytes, not \(file.bytes)")
    }
    guard Checksum.crc(bytes) == file.crc32 else {
      throw Damage(text: "the checksum of \(state) differs")
    }
    let version = try version(of: bytes, path: folder)
    guard version == info.version else { throw Damage(text: "\(CheckpointInfo.name) is damaged") }
    guard version <= CheckpointInfo.version else {
      throw Failure.io(
        folder, "is of version \(version); this dec reads 1 to \(CheckpointInfo.version)",
        hint: "take the dec that wrote it")
    }
    return bytes
  }

  private struct Version: Decodable {
    var version: Int
  }

  /// The version in a file whose checksum is right.
  private static func version(of bytes: [UInt8], path: String) throws -> Int {
    let header = try Safetensors(bytes, path: path).metadata[CheckpointHeader.key] ?? ""
    return try JSONDecoder().decode(Version.self, from: Data(header.utf8)).version
  }

  private static func checkpoint(_ bytes: [UInt8], path: String) throws -> Checkpoint {
    let file = try Safetensors(bytes, path: path)
    let header = try JSONDecoder().decode(
      CheckpointHeader.self, from: Data((file.metadata[CheckpointHeader.key] ?? "").utf8))
    let tensors = file.tensors.mapValues {
      TrainingState.Tensor(shape: $0.shape, rows: 0..<($0.shape.first ?? 0), values: $0.values)
    }
    return Checkpoint(TrainingState(header.training, tensors: tensors), header.course)
  }

  // MARK: Folders

  private func folder(_ number: Int) -> String {
    let digits = String(number)
    return "\(path)/" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }

  /// The numbers of the checkpoints, ascending.
  private func numbers() -> [Int] {
    ((try? WholeFile.names(in: path)) ?? []).compactMap { Int($0) }.sorted()
  }

  /// Removes all checkpoints. Not collective; rank 0 calls it.
  func removeAll() {
    for name in (try? WholeFile.names(in: path)) ?? [] { Self.remove("\(path)/\(name)") }
    rmdir(path)
  }

  /// Removes one; first what makes it count as one.
  private static func remove(_ folder: String) {
    unlink("\(folder)/\(CheckpointInfo.name)")
    for name in (try? WholeFile.names(in: folder)) ?? [] { unlink("\(folder)/\(name)") }
    rmdir(folder)
  }
}
