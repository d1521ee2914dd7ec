import Diagnostics
import Glibc

/// A file that is written beside its final path and renamed when complete. Its temporary name is
/// random. It is locked while it is written, so that a later job can tell it from the leftovers of
/// a process that has died.
final class PartialFile {
  /// The path of the temporary file.
  let path: String
  let file: File
  private let output: String
  private var isOpen = true

  /// Creates `OUTPUT.partial-KERNEL-RANDOM`, and removes such files of dead processes.
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
      // Another job that removes leftovers may have done so between the two calls.
      var status = stat()
      if fstat(file.descriptor, &status) == 0, status.st_nlink > 0 { return (path, file) }
    }
  }

  deinit { discard() }

  /// Flushes the file to disk, and renames it to its final name.
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

  /// A file that is not locked has no writer any more. Only names with the mark of this kernel are
  /// considered, since locks of another host may be invisible here.
  private static func removeLeftovers(of output: String) {
    for path in PartialName.leftovers(of: output) where path.isOfThisKernel {
      let descriptor = open(path.path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path.path) }
      close(descriptor)
    }
  }
}

/// Names of incomplete files and folders: `OUTPUT.partial-KERNEL-RANDOM`, in hexadecimal digits.
enum PartialName {
  /// The part of the names that identifies the running kernel.
  private static let kernel = String(ThisProcess.bootID.filter { $0 != "-" }.prefix(8))

  static func random() -> String {
    "\(kernel)-" + (0..<2).map { _ in hexadecimal(UInt32.random(in: 0 ... .max)) }.joined()
  }

  private static func hexadecimal(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  /// The paths beside `output` that have such names.
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
