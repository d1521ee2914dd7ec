import Diagnostics
import Glibc

/// Files that are read or written at once.
public enum WholeFile {
  public static func read(_ path: String) throws -> [UInt8] { try File.contents(of: path) }

  /// Bytes `range` of a file; fewer where it ends.
  public static func read(_ path: String, _ range: Range<Int>) throws -> [UInt8] {
    let file = try File(reading: path)
    var bytes = [UInt8](repeating: 0, count: range.count)
    let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: range.lowerBound) }
    bytes.removeLast(range.count - count)
    return bytes
  }

  /// Writes beside the final place, then renames: the file is whole or not there.
  public static func write(_ bytes: [UInt8], to path: String) throws {
    let partial = try PartialFile(for: path)
    try bytes.withUnsafeBytes { try partial.file.write($0, at: 0) }
    try partial.publish()
  }

  /// Writes a part of a file that another rank has made.
  public static func write(_ bytes: [UInt8], into path: String, at offset: Int) throws {
    let file = try File(updating: path)
    try bytes.withUnsafeBytes { try file.write($0, at: offset) }
    try file.synchronize()
  }

  public static func exists(_ path: String) -> Bool { File.exists(path) }
  /// Bytes; nil where there is no such file.
  public static func size(_ path: String) -> Int? { try? File(reading: path).size }
  /// Names in a folder, in byte order.
  public static func names(in folder: String) throws -> [String] { try File.names(in: folder) }
  /// `path` with symbolic links followed; as it is where nothing has that name.
  public static func resolved(_ path: String) -> String { File.resolved(path) }
  /// Makes the names in a folder last.
  public static func synchronize(folder: String) throws { try File.synchronize(folder: folder) }
  public static func isFolder(_ path: String) -> Bool { File.isFolder(path) }

  /// Makes a folder for output, with its parents.
  ///
  /// - Throws: `Failure.usage` where it holds files already, unless `replacing`.
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
