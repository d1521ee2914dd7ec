import Diagnostics
import Glibc

/// A folder that is written beside its final path and renamed when complete, so that an incomplete
/// dataset is never mistaken for a complete one. Rank 0 creates it; the other ranks write into it
/// by its path.
public final class PartialFolder {
  /// The path of the temporary folder.
  public let path: String
  private let output: String
  private let ours: Set<String>
  private let lock: FolderLock
  private var isPublished = false
  private var removal: Interruption.Removal?

  /// Locks the output, removes the leftovers of dead jobs, and creates
  /// `OUTPUT.partial-KERNEL-RANDOM`. If `output` is a symbolic link to a folder, that folder is
  /// written.
  ///
  /// - Parameters:
  ///   - replacing: Whether `output` may exist and hold files already.
  ///   - scratch: The names of temporary files that will be created in it.
  /// - Throws: `Failure.io` if another job is writing it; `Failure.usage` if it exists and is not
  ///   to be replaced.
  public init(for output: String, replacing: Bool, scratch: [String] = []) throws {
    var trimmed = output
    while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
    trimmed = File.resolved(trimmed)
    self.output = trimmed
    ours = Set(DatasetFolder.fileNames + scratch)
    path = "\(trimmed).partial-\(PartialName.random())"
    try Self.makeParents(of: path)
    let name = trimmed.split(separator: "/").last ?? ""
    lock = try FolderLock(
      "\(File.parent(of: trimmed))/.\(name).dec-lock", folder: output, command: "dec prepare")
    removeLeftovers()
    try DatasetFolder.checkOutput(trimmed, replacing: replacing)
    guard mkdir(path, 0o755) == 0 else { throw File.failure(path, "cannot be made") }
    removal = Self.removeOnSignal(path, scratch: scratch)
  }

  deinit { if !isPublished { discard() } }

  /// Makes SIGINT and SIGTERM remove the folder, until the result is cancelled. Every rank calls
  /// it: the signal reaches them one after the other, and a rank that is still writing would create
  /// files again.
  package static func removeOnSignal(
    _ path: String, scratch: [String]
  ) -> Interruption.Removal? {
    Interruption.remove((DatasetFolder.fileNames + scratch).map { "\(path)/\($0)" } + [path])
  }

  /// Removes the temporary files, and renames the folder to its final name.
  package func publish(removing scratch: [String]) throws {
    for name in scratch { unlink("\(path)/\(name)") }
    try publish()
  }

  /// Renames the folder to its final name. If it replaces a folder, files in that one that are not
  /// a dataset's are kept.
  public func publish() throws {
    let old = "\(output).old-\(PartialName.random())"
    let replaces = File.isFolder(output)
    if replaces, rename(output, old) != 0 { throw File.failure(output, "cannot be replaced") }
    guard rename(path, output) == 0 else {
      let failure = File.failure(output, "cannot be made")
      if replaces { rename(old, output) }
      throw failure
    }
    isPublished = true
    removal?.cancel()
    defer { lock.release() }
    if replaces { removeReplaced(old) }
  }

  /// Removes the folder.
  public func discard() {
    removal?.cancel()
    Self.remove(path)
    isPublished = true
    lock.release()
  }

  private static func remove(_ folder: String) {
    for name in (try? File.names(in: folder)) ?? [] { unlink("\(folder)/\(name)") }
    rmdir(folder)
  }

  /// Removes the leftovers of other jobs. They are dead, since this job holds the lock.
  private func removeLeftovers() {
    for (old, _) in PartialName.leftovers(of: output, ending: "old") {
      // A job was killed between two renames. The old dataset is restored: that it is complete is
      // certain.
      if !File.exists(output), rename(old, output) == 0 { continue }
      removeReplaced(old)
    }
    for (partial, _) in PartialName.leftovers(of: output) where File.isFolder(partial) {
      Self.remove(partial)
    }
  }

  /// Removes the dataset of a replaced folder, and moves other files to the new one.
  private func removeReplaced(_ old: String) {
    for name in (try? File.names(in: old)) ?? [] {
      if ours.contains(name) {
        unlink("\(old)/\(name)")
      } else {
        rename("\(old)/\(name)", "\(output)/\(name)")
      }
    }
    rmdir(old)
  }

  private static func makeParents(of path: String) throws {
    var parent = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: false).dropLast() {
      parent += part + "/"
      guard parent == "/" || mkdir(parent, 0o755) == 0 || errno == EEXIST else {
        throw File.failure(parent, "cannot be made")
      }
    }
  }
}

extension DatasetFolder {
  /// - Throws: `Failure.usage` where `output` is in use, unless `replacing`.
  public static func checkOutput(_ output: String, replacing: Bool) throws {
    guard !output.isEmpty else { throw Failure.usage("--output is empty", hint: "name a folder") }
    guard File.exists(output) else { return }
    guard File.isFolder(output) else {
      throw Failure.usage("\(output) is a file", hint: "name a folder for --output")
    }
    if try !File.names(in: output).isEmpty, !replacing {
      throw Failure.usage(
        "\(output) exists and is not empty",
        hint: "choose another --output, or replace it with --overwrite")
    }
  }
}
