import Diagnostics
import Glibc

/// A folder that is written beside its final place and renamed when complete, so that a
/// half-written one is never mistaken for a whole one. Rank 0 makes it; the others write into it by
/// its path.
public final class PartialFolder {
  /// Where the files go for now.
  public let path: String
  private let output: String
  private let ours: Set<String>
  private let lock: FolderLock
  private var isPublished = false
  private var removal: Interruption.Removal?

  /// Locks the output, removes what dead jobs have left of it, and makes `OUTPUT.partial-RANDOM`.
  /// Where `output` is a link to a folder, that folder is written.
  ///
  /// - Parameters:
  ///   - replacing: Whether `output` may exist and hold files already.
  ///   - scratch: Names of files that the work will make in it, beside a dataset's.
  /// - Throws: `Failure.io` where another job is writing it.
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

  /// Has a signal remove the folder, also one that another rank made, until the result is
  /// cancelled: the ranks are told one after the other, and the last of them finds no file made
  /// anew.
  package static func removeOnSignal(
    _ path: String, scratch: [String]
  ) -> Interruption.Removal? {
    Interruption.remove((DatasetFolder.fileNames + scratch).map { "\(path)/\($0)" } + [path])
  }

  /// Removes temporary files and gives the folder its final name.
  package func publish(removing scratch: [String]) throws {
    for name in scratch { unlink("\(path)/\(name)") }
    try publish()
  }

  /// Gives the folder its final name. Files of another origin in a folder that is replaced are
  /// kept.
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

  /// Removes what has been written.
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

  /// What other jobs have left: they are dead, or they would have the lock.
  private func removeLeftovers() {
    for (old, _) in PartialName.leftovers(of: output, ending: "old") {
      // A job that was killed between two renames: its new folder was complete, but the old one is
      // surer.
      if !File.exists(output), rename(old, output) == 0 { continue }
      removeReplaced(old)
    }
    for (partial, _) in PartialName.leftovers(of: output) where File.isFolder(partial) {
      Self.remove(partial)
    }
  }

  /// Removes our files of a folder that was replaced, and moves the others to the new one.
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
