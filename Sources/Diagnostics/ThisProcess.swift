import Glibc

/// Identifies this process and its host.
public enum ThisProcess {
  public static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, 255)
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// The number of this job in the batch system; nil without one.
  public static var jobName: String? {
    for name in ["SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID", "JOB_ID"] {
      if let value = getenv(name), value.pointee != 0 { return String(cString: value) }
    }
    return nil
  }

  /// Identifies the running kernel: it changes at each boot, and all containers of a host have the
  /// same.
  public static var bootID: String { firstLine(of: "/proc/sys/kernel/random/boot_id") ?? "" }

  /// The process namespace of this process; a container has its own.
  public static var processNamespace: String {
    var link = [CChar](repeating: 0, count: 128)
    let count = readlink("/proc/self/ns/pid", &link, 127)
    return String(
      decoding: link.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// The start time of a process in this namespace, in clock ticks; nil if there is no such
  /// process. It distinguishes processes that had the same number one after the other.
  public static func start(of process: Int) -> Int? {
    // The start time is field 22. Field 2 is a file name in brackets, which may contain anything.
    guard let line = firstLine(of: "/proc/\(process)/stat"), let end = line.lastIndex(of: ")")
    else { return nil }
    let fields = line[line.index(after: end)...].split(separator: " ")
    return fields.count > 19 ? Int(fields[19]) : nil
  }

  private static func firstLine(of path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 4096)
    guard fgets(&buffer, 4096, file) != nil else { return nil }
    return String(
      decoding: buffer.prefix { $0 != 0 && $0 != 10 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
