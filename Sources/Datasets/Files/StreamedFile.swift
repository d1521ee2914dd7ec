import Diagnostics
import Glibc

/// An output that is written sequentially: a file, which is written beside its final path and
/// renamed when complete, or standard output.
public final class StreamedFile {
  private let path: String
  private let partial: PartialFile?
  private let descriptor: Int32
  private var removal: Interruption.Removal?

  /// - Parameter path: The path of the file; nil for standard output.
  public init(_ path: String?) throws {
    guard let path else {
      (self.path, partial, descriptor) = ("standard output", nil, STDOUT_FILENO)
      return
    }
    self.path = path
    guard !path.isEmpty else { throw Failure.usage("--output is empty", hint: "name a file") }
    guard !File.isFolder(path) else {
      throw Failure.usage("\(path) is a folder", hint: "name a file for --output")
    }
    let partial = try PartialFile(for: File.resolved(path))
    descriptor = partial.file.descriptor
    self.partial = partial
    removal = Interruption.remove([partial.path])
  }

  deinit { removal?.cancel() }

  /// Writes bytes at the end, without buffering.
  public func append(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let count = write(descriptor, bytes.baseAddress! + done, bytes.count - done)
        if count >= 0 {
          done += count
        } else if errno != EINTR {
          throw File.failure(path, "cannot be written")
        }
      }
    }
  }

  /// Overwrites the first bytes of the file.
  public func replaceStart(_ bytes: [UInt8]) throws {
    let count = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    guard count == bytes.count else { throw File.failure(path, "cannot be written") }
  }

  /// Renames the file to its final name.
  public func finish() throws {
    try partial?.publish()
    removal?.cancel()
    removal = nil
  }
}
