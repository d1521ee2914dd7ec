import Dispatch
import Synchronization

/// Work that another thread does while the caller goes on.
///
/// Whoever began it waits for it: it cannot be cancelled.
final class BackgroundWork<Value: Sendable>: Sendable {
  private let group = DispatchGroup()
  private let result = Mutex<Result<Value, any Error>?>(nil)

  init(_ body: @escaping @Sendable () throws -> Value) {
    DispatchQueue.global().async(group: group) { [self] in
      let result = Result(catching: body)
      self.result.withLock { $0 = result }
    }
  }

  /// Whether `wait` would return at once.
  var isDone: Bool { group.wait(timeout: .now()) == .success }

  /// Waits for the end.
  ///
  /// - Throws: What the work threw.
  func wait() throws -> Value {
    group.wait()
    return try result.withLock { try $0!.get() }
  }
}
