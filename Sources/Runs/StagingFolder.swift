import Collectives
import Datasets
import Diagnostics
import Glibc

/// A temporary folder in a run folder. Every rank writes its own rows of the results into it; at
/// the end all results are renamed together. All functions are collective unless they say
/// otherwise.
final class StagingFolder {
  private let output: String
  private let world: any Communicator
  private let path: String
  /// The files that are complete.
  private var names: [String] = []
  private let removal: Interruption.Removal?

  /// What the names of such folders begin with.
  static let prefix = ".partial-"

  /// Makes the folder, removes those of dead runs, and makes sure that every rank sees the new one.
  /// The caller holds the lock of `output`, so that no other such folder is in use.
  ///
  /// - Throws: `Failure.io` where it cannot be made, or a rank does not see it.
  init(in output: String, over world: any Communicator) throws {
    self.output = output
    self.world = world
    var name: [UInt8] = []
    try world.together {
      guard world.isRoot else { return }
      for old in try WholeFile.names(in: output) where old.hasPrefix(Self.prefix) {
        Self.remove("\(output)/\(old)")
      }
      name = Array(try Self.make(in: output).utf8)
    }
    world.broadcast(&name)
    let path = "\(output)/\(String(decoding: name, as: UTF8.self))"
    self.path = path
    let files = RunFolder.Name.all.map { "\(path)/\($0)" }
    removal = world.isRoot ? Interruption.remove(files + [path]) : nil
    try world.requireShared(path, in: output)
  }

  deinit { discard() }

  /// Removes the folder. Not collective.
  func discard() {
    if world.isRoot { Self.remove(path) }
    removal?.cancel()
  }

  /// - Returns: The name of the new folder.
  private static func make(in output: String) throws -> String {
    var template = Array("\(output)/\(prefix)XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Failure.io(output, "cannot be written: \(String(cString: strerror(errno)))")
    }
    chmod(template, 0o755)
    let made = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    return String(made.dropFirst(output.count + 1))
  }

  private static func remove(_ folder: String) {
    for name in (try? WholeFile.names(in: folder)) ?? [] { unlink("\(folder)/\(name)") }
    rmdir(folder)
  }

  // MARK: Files

  /// The path of a file until it is published. Not collective.
  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Rank 0 writes a whole file.
  func write(_ name: String, _ bytes: () throws -> [UInt8]) throws {
    try world.together { if world.isRoot { try WholeFile.write(bytes(), to: file(name)) } }
    names.append(name)
  }

  /// Every rank writes its own rows of an `.npy` file, some at a time.
  ///
  /// - Parameters:
  ///   - rows: The rows of this rank in the file.
  ///   - shape: The shape of the whole file.
  ///   - values: The elements of some of this rank's rows, counted from its first.
  func write<T: BitwiseCopyable>(
    _ name: String, rows: Range<Int>, shape: [Int], _ type: NPY.ElementType,
    _ values: (Range<Int>) -> [T]
  ) throws {
    try world.together {
      if world.isRoot { try NPYWriter.create(path: file(name), shape: shape, type: type) }
    }
    try world.together {
      let writer = try NPYWriter(file(name), shape: shape, type: type)
      for part in Self.parts(of: rows.count) {
        try writer.write(values(part), atRow: rows.lowerBound + part.lowerBound)
      }
      try writer.synchronize()
    }
    names.append(name)
  }

  /// Rows that are in memory at a time.
  private static let part = 1 << 14

  static func parts(of count: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: part).map { $0..<min(count, $0 + part) }
  }

  /// Writes the bytes of all ranks into one file, in the order of the ranks.
  ///
  /// - Returns: The range of the file that holds this rank's bytes.
  @discardableResult
  func write(_ name: String, concatenating bytes: [UInt8]) throws -> Range<Int> {
    let counts = world.allGather(Int64(bytes.count)).map { Int($0) }
    let offset = counts[..<world.rank].reduce(0, +)
    try world.together { if world.isRoot { try WholeFile.write([], to: file(name)) } }
    try world.together { try WholeFile.write(bytes, into: file(name), at: offset) }
    names.append(name)
    return offset..<offset + bytes.count
  }

  /// The sizes and checksums of all files.
  func checksums() throws -> [String: DatasetInfo.FileInfo] {
    let parts = try world.together {
      try DatasetFolder.checksums(of: names, in: path, part: world.rank, of: world.size)
    }
    let infos = DatasetFolder.combine(world.allGather(parts))
    return Dictionary(uniqueKeysWithValues: zip(names, infos))
  }

  /// Renames files into the run folder: all, or of `wanted` those that there are.
  func publish(_ wanted: [String]? = nil) throws {
    let names = names.filter { wanted?.contains($0) ?? true }
    try world.together {
      guard world.isRoot else { return }
      for name in names where rename(file(name), "\(output)/\(name)") != 0 {
        throw Failure.io(
          "\(output)/\(name)", "cannot be written: \(String(cString: strerror(errno)))")
      }
      try WholeFile.synchronize(folder: output)
    }
    self.names.removeAll { names.contains($0) }
  }
}
