import CHost
import Glibc

/// Memory that all ranks of one host share: what one writes the others read after a barrier.
///
/// It is an anonymous file, so that nothing is left of it however the ranks end, and /dev/shm,
/// which is small in containers, does not limit it.
public final class SharedMemory: @unchecked Sendable {
  private let size: Int
  private let start: UnsafeMutableRawPointer
  private let bytes: Int
  private var used = SharedMemory.head
  private var rounds: UInt32 = 0

  /// A number to know the memory by, and the barrier.
  private static let head = 64 + Int(CHOST_BARRIER_BYTES)

  /// Bytes that `count` floats take.
  public static func bytes(floats count: Int) -> Int { (count * 4 + 63) / 64 * 64 }

  /// Zeros, one memory a host. Collective.
  ///
  /// - Returns: nil, on all ranks of the job, where a host has one rank only, or ranks that may not
  ///   open each other's files.
  public init?(bytes: Int, on hosts: Hosts) {
    let ranks = hosts.within
    guard ranks.size > 1 else { return nil }
    size = ranks.size
    self.bytes = Self.head + bytes
    // 1. The first rank makes it and says which it is.
    var file = ranks.isRoot ? chost_anonymous_file(Int64(self.bytes)) : -1
    var name = [Int64(file), Int64(getpid()), Int64.random(in: 1 ... .max)]
    ranks.broadcast(&name)

    // 2. The others open it; a process of another container may have the number that the first has
    // in its own.
    if !ranks.isRoot, name[0] >= 0 {
      file = open("/proc/\(name[1])/fd/\(name[0])", O_RDWR | O_CLOEXEC)
    }
    var mapped: UnsafeMutableRawPointer?
    var status = stat()
    if file >= 0, fstat(file, &status) == 0, status.st_size == off_t(self.bytes) {
      mapped = mmap(nil, self.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
      if mapped == MAP_FAILED { mapped = nil }
    }
    if ranks.isRoot { mapped?.storeBytes(of: name[2], as: Int64.self) }
    ranks.barrier()
    let isOurs = mapped?.load(as: Int64.self) == name[2]
    let isHere = ranks.allReduce(isOurs ? 1 : Int64(0), by: .minimum)
    let isEverywhere = hosts.across.allReduce(isHere, by: .minimum) == 1
    if file >= 0 { close(file) }
    guard isEverywhere, let mapped else {
      if let mapped { munmap(mapped, self.bytes) }
      return nil
    }
    start = mapped
  }

  deinit { munmap(start, bytes) }

  /// The next `count` floats, the same on every rank that asks in the same order.
  public func take(floats count: Int) -> UnsafeMutablePointer<Float> {
    precondition(used + Self.bytes(floats: count) <= bytes, "more than was asked for")
    defer { used += Self.bytes(floats: count) }
    return (start + used).bindMemory(to: Float.self, capacity: count)
  }

  /// Returns when every rank of the host has called it.
  public func barrier() {
    rounds &+= 1
    chost_barrier(start + 64, rounds, UInt32(size))
  }
}
