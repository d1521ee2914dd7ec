import Glibc

/// The memory that this host, or this process's control group, can still give.
package enum AvailableMemory {
  /// The number of bytes; nil where the system does not say.
  package static var bytes: Double? {
    let limits = [
      "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes",
    ].compactMap { SystemFile.lines($0).first.flatMap { Double($0) } }
    return (limits + [bytes(meminfo: SystemFile.lines("/proc/meminfo"))].compactMap { $0 }).min()
  }

  /// The bytes of address space that `ulimit -v` leaves this process; nil without a limit.
  package static var addressSpace: Double? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur < .max / 2
    else { return nil }
    let sizes = SystemFile.lines("/proc/self/statm").first?.split(separator: " ")
    let pages = sizes?.first.flatMap { Double($0) }
    return max(0, Double(limit.rlim_cur) - (pages ?? 0) * Double(sysconf(Int32(_SC_PAGESIZE))))
  }

  /// Available memory and free swap, from the lines of `/proc/meminfo`.
  static func bytes(meminfo: [String]) -> Double? {
    func number(_ name: String) -> Double? {
      guard let line = meminfo.first(where: { $0.hasPrefix("\(name):") }) else { return nil }
      return line.split(separator: " ").dropFirst().first.flatMap { Double($0) }.map { 1024 * $0 }
    }
    return number("MemAvailable").map { $0 + (number("SwapFree") ?? 0) }
  }
}
