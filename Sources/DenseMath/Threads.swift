import CHost
import COpenBLAS

/// The threads of this rank. OpenBLAS is set to one thread, and products are shared out here:
/// waiting threads of OpenBLAS would spin on the cores that ours work on (docs/performance.md has
/// figures).
public enum Threads {
  /// The number of threads that `forEach` uses. Set once at start, before other threads run.
  nonisolated(unsafe) public private(set) static var count = 1

  /// Gives this rank `newCount` threads.
  public static func use(_ newCount: Int) {
    count = max(1, newCount)
    openblas_set_num_threads(1)
  }

  /// Runs `body` for the indices `0 ..< parts` on all threads, and returns when all are done.
  public static func forEach(_ parts: Int, _ body: (Int) -> Void) {
    if count == 1 || parts <= 1 {
      for part in 0..<parts {
        body(part)
        chost_beat()
      }
    } else {
      withoutActuallyEscaping(body) { body in
        var body = body
        withUnsafeMutablePointer(to: &body) {
          chost_for_each(
            Int32(parts), Int32(count),
            { context, part in
              context!.assumingMemoryBound(to: ((Int) -> Void).self).pointee(Int(part))
            }, $0)
        }
      }
    }
  }

  /// Splits `0 ..< total` into one range for each thread, of at least `grain` elements; fewer
  /// threads take part where there is not enough for all.
  public static func split(_ total: Int, grain: Int, _ body: (Range<Int>) -> Void) {
    let parts = isAlone ? 1 : max(1, min(count, total / max(1, grain)))
    if parts == 1 {
      body(0..<total)
      return chost_beat()
    }
    forEach(parts) { body(total * $0 / parts..<total * ($0 + 1) / parts) }
  }

  /// Runs `body` for the indices `0 ..< parts` on all threads, as `forEach`, while the loops and
  /// products within it run on the one thread that calls them.
  public static func forEachAlone(_ parts: Int, _ body: (Int) -> Void) {
    isAlone = true
    forEach(parts, body)
    isAlone = false
  }

  /// Whether `forEachAlone` is running. Its threads only read this.
  nonisolated(unsafe) private static var isAlone = false
}
