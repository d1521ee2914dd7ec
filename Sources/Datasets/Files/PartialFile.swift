import Diagnostics
import Glibc

/// A file that is written beside its final place and renamed when complete. Its name for now is new and
/// random, and it is locked, so that a later job can tell what a dead one has left.
final class PartialFile {
  /// Where the bytes go for now.
  let path: String
  let file: File
  private let output: String
  private var isOpen = true

  /// Makes `OUTPUT.partial-RANDOM`, and removes those that dead processes have left.
  init(for output: String) throws {
    self.output = output
    Self.removeLeftovers(of: output)
    (path, file) = try Self.make(output)
  }

  private static func make(_ output: String) throws -> (path: String, file: File) {
    while true {
      let path = "\(output).partial-\(PartialName.random())"
      let file = try File(creating: path, for: output)
      flock(file.descriptor, LOCK_EX | LOCK_NB)
      // Another job that looks for leftovers may have come between the two calls.
      var status = stat()
      if fstat(file.descriptor, &status) == 0, status.st_nlink > 0 { return (path, file) }
    }
  }

  deinit { discard() }

  /// Makes the bytes last, and gives the file its final name.
  func publish() throws {
    try file.synchronize()
    guard rename(path, output) == 0 else { throw File.failure(output, "cannot be written") }
    isOpen = false
    try File.synchronize(folder: File.parent(of: output))
  }

  func discard() {
    if isOpen { unlink(path) }
    isOpen = false
  }

  /// What is not locked has no writer any more. Only names with this kernel's mark are looked at: a lock of
  /// another host may not be seen from here.
  private static func removeLeftovers(of output: String) {
    for path in PartialName.leftovers(of: output) where path.isOfThisKernel {
      let descriptor = open(path.path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path.path) }
      close(descriptor)
    }
  }
}

/// Names of what is not complete: `OUTPUT.partial-KERNEL-RANDOM`, in hexadecimal digits.
enum PartialName {
  /// Of this kernel.
  private static let kernel = String(ThisProcess.bootID.filter { $0 != "-" }.prefix(8))

  static func random() -> String {
    "\(kernel)-" + (0..<2).map { _ in hexadecimal(UInt32.random(in: 0 ... .max)) }.joined()
  }

  private static func hexadecimal(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  /// What is beside `output` under such a name.
  static func leftovers(
    of output: String, ending: String = "partial"
  ) -> [(path: String, isOfThisKernel: Bool)] {
    let folder = File.parent(of: output)
    let start = (output.split(separator: "/").last.map(String.init) ?? "") + ".\(ending)-"
    return ((try? File.names(in: folder)) ?? []).compactMap { name in
      guard name.hasPrefix(start) else { return nil }
      let parts = name.dropFirst(start.count).split(
        separator: "-", omittingEmptySubsequences: false)
      guard parts.count == 2, parts[1].count == 16,
        parts.allSatisfy({ $0.allSatisfy(\.isHexDigit) })
      else { return nil }
      return ("\(folder)/\(name)", parts[0] == kernel)
    }
  }
}
