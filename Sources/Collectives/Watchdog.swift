import CHost

/// A thread in every rank that ends the job where the rank gets on no longer, which Open MPI does
/// not notice: a stopped or frozen rank, a partition between two hosts, a library that loops.
///
/// Progress is whatever calls `chost_beat`: each part of a loop, block of a file and step of a
/// ring, and each meeting of the ranks.
public enum Watchdog {
  /// The exit code of a job that it ends.
  public static let exitCode: Int32 = 99

  /// Starts it, once in a process.
  ///
  /// - Parameter seconds: The longest time without progress; a rank that waits for others may wait
  ///   longer by the time that it worked itself since the ranks last met. None for 0.
  public static func start(seconds: Double, over world: any Communicator) {
    guard seconds > 0 else { return }
    let isMPI = world is MPICommunicator
    if isMPI {
      chost_watch(seconds) { MPICommunicator.abortJob($0) }
    } else {
      chost_watch(seconds) { chost_exit_now($0) }
    }
  }
}
