import Diagnostics
import FoundationEssentials
import Glibc

/// Keeps a folder to one job: a file that is locked as long as the job lives, and names it.
///
/// The lock is flock's, which the kernel lets go when the process ends, however it ends. A process number
/// in the file alone would not do: numbers are used again, and in a container it is always 1. Linux carries
/// flock to an NFS server, so it holds between hosts as well; some mounts keep it on the host (`local_lock`,
/// Lustre's `localflock`), and some have none. So the file says who made it, and one that another host left
/// behind is not taken over: whether that job lives cannot be told from here.
public final class FolderLock {
  /// Who has the lock.
  struct Holder: Codable, Equatable {
    var host: String
    var pid: Int
    /// When the process started, in its kernel's ticks.
    var start: Int?
    /// The kernel that it runs on.
    var boot: String
    /// The namespace of its number.
    var namespace: String
    /// The batch system's number.
    var job: String?
    /// Such as "dec train".
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

    /// Whether the holder has ended for sure.
    ///
    /// - Parameters:
    ///   - us: Who asks.
    ///   - isUnlocked: Whether flock works here and found the file unlocked.
    ///   - start: When the process of that number in our own namespace started.
    func isGone(seenBy us: Holder, isUnlocked: Bool, start: (Int) -> Int?) -> Bool {
      guard boot == us.boot else { return host == us.host }  // the host was started again
      if isUnlocked { return true }
      return namespace == us.namespace && self.start != nil && start(pid) != self.start
    }
  }

  private let path: String
  private var descriptor: Int32 = -1
  private var isOurs = false

  /// Locks `folder`.
  ///
  /// - Parameters:
  ///   - path: The file; beside the folder where that is replaced as a whole.
  ///   - command: Such as "dec train".
  /// - Throws: `Failure.io` naming who has it.
  public init(_ path: String, folder: String, command: String) throws {
    self.path = path
    let us = Holder.current(command)
    // It may be removed between opening and locking by who had it; then a new one is made.
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
      if isOurs { return }
      close(descriptor)
    }
    throw Failure.io(path, "is made and removed all the time", hint: "choose another --output")
  }

  /// - Returns: Whether the file is ours; otherwise it is to be opened anew.
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
      // Where there is no flock, two may have come this far; only one makes the new file.
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

  /// Lets the folder go, and removes the file while it is still locked: whoever opened it meanwhile finds
  /// that its name is gone.
  public func release() {
    guard isOurs else { return }
    unlink(path)
    close(descriptor)
    isOurs = false
  }

  deinit { release() }
}
