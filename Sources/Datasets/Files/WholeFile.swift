import Diagnostics
import Glibc

/// Functions that read or write a file as a whole, and other file operations for other targets.
public enum WholeFile {
  public static func read(_ path: String) throws -> [UInt8] { try File.contents(of: path) }

  /// The bytes of `range` of a file; fewer at its end.
  public static func read(_ path: String, _ range: Range<Int>) throws -> [UInt8] {
    let file = try File(reading: path)
    var bytes = [UInt8](repeating: 0, count: range.count)
    let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: range.lowerBound) }
    bytes.removeLast(range.count - count)
    return bytes
  }

  /// Writes a file beside its final path, and renames it: it is never incomplete.
  public static func write(_ bytes: [UInt8], to path: String) throws {
    let partial = try PartialFile(for: path)
    try bytes.withUnsafeBytes { try partial.file.write($0, at: 0) }
    try partial.publish()
  }

  /// Writes a part of a file that another rank has created.
  public static func write(_ bytes: [UInt8], into path: String, at offset: Int) throws {
    let file = try File(updating: path)
    try bytes.withUnsafeBytes { try file.write($0, at: offset) }
    try file.synchronize()
  }

  /// Writes parts of a file that another rank has created, and flushes them to stable storage.
  public static func write(
    _ parts: [(offset: Int, values: [Float])], into path: String
  ) throws {
    let file = try File(updating: path)
    for part in parts { try part.values.withUnsafeBytes { try file.write($0, at: part.offset) } }
    try file.synchronize()
  }

  public static func exists(_ path: String) -> Bool { File.exists(path) }
  /// The size of a file in bytes; nil if it cannot be opened.
  public static func size(_ path: String) -> Int? { try? File(reading: path).size }
  /// The names in a folder, in byte order.
  public static func names(in folder: String) throws -> [String] { try File.names(in: folder) }
  /// `path` with symbolic links resolved; `path` itself if it does not exist.
  public static func resolved(_ path: String) -> String { File.resolved(path) }
  /// Flushes a folder to stable storage, so that renames in it survive a crash.
  public static func synchronize(folder: String) throws { try File.synchronize(folder: folder) }
  public static func isFolder(_ path: String) -> Bool { File.isFolder(path) }

  /// Creates an output folder and its parents.
  ///
  /// - Throws: `Failure.usage` if it exists and is not empty, unless `replacing`.
  public static func makeFolder(_ path: String, replacing: Bool) throws {
    try DatasetFolder.checkOutput(path, replacing: replacing)
    if File.exists(path) { return }
    var parent = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      parent += part
      if !part.isEmpty, mkdir(parent, 0o755) != 0, errno != EEXIST {
        throw File.failure(parent, "cannot be made")
      }
      parent += "/"
    }
  }
}
