import Diagnostics
import Glibc

/// A file written from its beginning to its end, beside its final place, and renamed when complete;
/// or standard output.
public final class StreamedFile {
  private let path: String
  private let partial: PartialFile?
  private let descriptor: Int32
  private var removal: Interruption.Removal?

  /// - Parameter path: nil for standard output.
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

  /// Writes at the end, at once.
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

  /// Replaces the file's first bytes.
  public func replaceStart(_ bytes: [UInt8]) throws {
    let count = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    guard count == bytes.count else { throw File.failure(path, "cannot be written") }
  }

  /// Gives the file its final name.
  public func finish() throws {
    try partial?.publish()
    removal?.cancel()
    removal = nil
  }
}
