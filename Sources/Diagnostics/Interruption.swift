import Glibc
import Synchronization

/// The only handler of signals that ask this process to end. It removes incomplete output, then
/// lets the signal end the process as by default; after `deferStops` it only makes a note.
///
/// A signal handler may only make simple system calls and must not allocate, so the paths are
/// stored as C strings.
public enum Interruption {
  /// Paths that the handler would remove, until `cancel`.
  public struct Removal: Sendable {
    fileprivate let slot: Int

    /// Makes the handler keep the paths.
    public func cancel() { Interruption.lists[slot] = nil }
  }

  /// Null-terminated lists of C strings. They are never freed, as a handler on another thread may
  /// read one.
  private typealias List = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private static let capacity = 64
  nonisolated(unsafe) private static let lists: UnsafeMutablePointer<List?> = {
    let lists = UnsafeMutablePointer<List?>.allocate(capacity: capacity)
    lists.initialize(repeating: nil, count: capacity)
    for number in [SIGINT, SIGTERM] { signal(number) { Interruption.removeAll(andEndBy: $0) } }
    return lists
  }()

  /// Registers files, and folders that will be empty by then, for removal by the handler in this
  /// order. Call it only from the thread that runs the command.
  ///
  /// - Returns: Nil if more than 64 removals are registered; the paths will not be removed then.
  public static func remove(_ paths: [String]) -> Removal? {
    guard let slot = (0..<capacity).first(where: { lists[$0] == nil }) else { return nil }
    let list = List.allocate(capacity: paths.count + 1)
    for (i, path) in paths.enumerated() { (list + i).initialize(to: strdup(path)) }
    (list + paths.count).initialize(to: nil)
    lists[slot] = list
    return Removal(slot: slot)
  }

  private static let isAsked = Atomic(false)

  /// Whether one of the signals of `deferStops` has come.
  public static var isStopAsked: Bool { isAsked.load(ordering: .relaxed) }

  /// From now on SIGINT, SIGTERM, SIGHUP, SIGUSR1 and SIGUSR2 only make `isStopAsked` true: the
  /// command ends by itself where it can go on later. A SIGHUP that is ignored, as under nohup,
  /// stays so.
  public static func deferStops() {
    _ = lists  // It installs the other handler, once.
    _ = isStopAsked
    for number in [SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2] {
      let before = signal(number) { _ in Interruption.isAsked.store(true, ordering: .relaxed) }
      if number == SIGHUP, unsafeBitCast(before, to: Int.self) == 1 { signal(number, SIG_IGN) }
    }
  }

  private static func removeAll(andEndBy number: Int32) {
    for slot in 0..<capacity {
      guard var path = lists[slot] else { continue }
      while let name = path.pointee {
        if unlink(name) != 0 { rmdir(name) }
        path += 1
      }
    }
    signal(number, SIG_DFL)
    raise(number)
  }
}
