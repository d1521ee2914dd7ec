import Diagnostics
import FoundationEssentials
import Glibc

/// Reserves a folder for one job, by a file that names the job and is locked as long as it lives.
///
/// The lock is flock's, which the kernel releases when the process ends, in whatever way. A process
/// number in the file would not suffice: numbers are reused, and in a container it is always 1.
/// Linux forwards flock to an NFS server, so it also works between hosts; some mounts keep it local
/// (`local_lock`, Lustre's `localflock`), and some do not support it. So the file also names its
/// job, and the file of a job on another host is not taken over, since it cannot be known whether
/// that job lives.
public final class FolderLock {
  /// The job that holds the lock.
  struct Holder: Codable, Equatable {
    var host: String
    var pid: Int
    /// The start time of the process, in clock ticks of its kernel.
    var start: Int?
    /// Identifies the running kernel of its host.
    var boot: String
    /// The process namespace in which `pid` is valid.
    var namespace: String
    /// The job number in the batch system.
    var job: String?
    /// The command, such as "dec train".
    var command: String

    static func current(_ command: String) -> Holder {
      let pid = Int(getpid())
      return Holder(
        host: ThisProcess.hostName, pid: pid, start: ThisProcess.start(of: pid),
        boot: ThisProcess.bootID, namespace: ThisProcess.processNamespace,
        job: ThisProcess.jobName, command: command)
    }

    var description: String {
      "\(command), process \(pid) on \(host)" + (job.map { ", job \($0)" } ?? "")
    }

    /// Whether the holder has certainly ended.
    ///
    /// - Parameters:
    ///   - us: This process.
    ///   - isUnlocked: Whether flock works here and found the file unlocked.
    ///   - start: Returns the start time of a process in our own namespace; nil where there is
    ///     none.
    func isGone(seenBy us: Holder, isUnlocked: Bool, start: (Int) -> Int?) -> Bool {
      guard boot == us.boot else { return host == us.host }  // the host was started again
      if isUnlocked { return true }
      return namespace == us.namespace && self.start != nil && start(pid) != self.start
    }
  }

  private let path: String
  private var descriptor: Int32 = -1
  private var isOurs = false
  private var removal: Interruption.Removal?

  /// Locks `folder`.
  ///
  /// - Parameters:
  ///   - path: The path of the lock file. It is beside the folder where the folder is replaced as a
  ///     whole.
  ///   - command: Such as "dec train".
  /// - Throws: `Failure.io` naming the job that holds the lock.
  public init(_ path: String, folder: String, command: String) throws {
    self.path = path
    let us = Holder.current(command)
    // The previous holder may remove the file between our opening and our locking it; then we
    // create a new one.
    for _ in 0..<1000 {
      var isNew = true
      descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
      if descriptor < 0, errno == EEXIST {
        isNew = false
        descriptor = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT { continue }
      }
      guard descriptor >= 0 else { throw File.failure(path, "cannot be written") }
      do {
        isOurs = try acquire(isNew: isNew, us, folder)
      } catch {
        close(descriptor)
        throw error
      }
      if isOurs {
        removal = Interruption.remove([path])
        return
      }
      close(descriptor)
    }
    throw Failure.io(path, "is made and removed all the time", hint: "choose another --output")
  }

  /// - Returns: Whether we hold the lock; otherwise the file has to be opened again.
  private func acquire(isNew: Bool, _ us: Holder, _ folder: String) throws -> Bool {
    let isLocked = flock(descriptor, LOCK_EX | LOCK_NB) == 0
    let isHeld = !isLocked && errno == EWOULDBLOCK
    let holder = isNew ? nil : read()
    if isHeld || (holder == nil && !isLocked && !isNew) {
      throw Self.isInUse(folder, by: holder?.description ?? "another job", hint: "wait for it")
    }
    if let holder {
      guard holder.isGone(seenBy: us, isUnlocked: isLocked, start: ThisProcess.start) else {
        throw Self.isInUse(
          folder, by: holder.description, hint: "if that has ended, remove \(path)")
      }
      // Where flock does not work, two jobs may get here; only one of them can create the new file.
      if !isLocked {
        unlink(path)
        return false
      }
    }
    var (ours, named) = (stat(), stat())
    guard fstat(descriptor, &ours) == 0, lstat(path, &named) == 0, ours.st_ino == named.st_ino
    else { return false }
    try write(us)
    return true
  }

  private static func isInUse(_ folder: String, by holder: String, hint: String) -> Failure {
    .io(folder, "is in use by \(holder)", hint: "\(hint), or choose another --output")
  }

  private func read() -> Holder? {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    return try? JSONDecoder().decode(Holder.self, from: Data(bytes.prefix(max(0, count))))
  }

  private func write(_ holder: Holder) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let bytes = Array(try encoder.encode(holder)) + [0x0a]
    guard ftruncate(descriptor, 0) == 0,
      bytes.withUnsafeBytes({ pwrite(descriptor, $0.baseAddress, $0.count, 0) }) == bytes.count
    else {
      throw File.failure(path, "cannot be written")
    }
  }

  /// Releases the folder. The file is removed while it is still locked, so that a job that has
  /// opened it meanwhile notices that it has no name any more.
  public func release() {
    guard isOurs else { return }
    unlink(path)
    removal?.cancel()
    close(descriptor)
    isOurs = false
  }

  deinit { release() }
}
