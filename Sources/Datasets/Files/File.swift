import CHost
import Diagnostics
import Glibc

/// An open file, which is closed when this object is released. Every failure names its path.
package final class File {
  package let path: String
  let descriptor: Int32

  /// Opens a file for reading.
  ///
  /// - Throws: `Failure.badInput` for a folder, `Failure.io` for a file that cannot be opened.
  package init(reading path: String) throws {
    self.path = path
    descriptor = PathName.withBytes(of: path) { open($0, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw Self.failure(path, "cannot be opened") }
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      throw Failure.badInput(path, "is a folder", hint: "name a file")
    }
  }

  /// Opens a file for writing, and creates it if it does not exist. Its contents are removed if
  /// `truncating` is true.
  package init(writing path: String, truncating: Bool) throws {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | (truncating ? O_TRUNC : 0), 0o644)
    guard descriptor >= 0 else { throw Self.failure(path, "cannot be written") }
  }

  /// Creates a file. The path must not exist, not even as a symbolic link.
  ///
  /// - Parameter output: The path that messages name instead.
  init(creating path: String, for output: String) throws {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.failure(output, "cannot be written") }
  }

  /// Opens an existing file for writing, such as one that another rank created.
  package init(updating path: String) throws {
    self.path = path
    descriptor = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure(path, "cannot be written") }
  }

  /// Creates a temporary file without a name, which ceases to exist when it is closed.
  init(unnamedIn folder: String) throws {
    path = folder
    var template = Array("\(folder)/.dec-scratch-XXXXXX".utf8CString)
    descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw Self.failure(folder, "cannot take temporary files") }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    unlink(template)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// The size of a regular file in bytes; 0 for a pipe.
  package var size: Int {
    get throws {
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { throw Self.failure(path, "has no size") }
      return Int(status.st_size)
    }
  }

  /// Reads from the current position.
  ///
  /// - Returns: The number of bytes read; 0 at the end of the file.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
      chost_beat()
      let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      if errno != EINTR { throw Self.failure(path, "cannot be read") }
    }
  }

  /// Fills `buffer` from `offset`.
  ///
  /// - Returns: The number of bytes read, which is less than the buffer only at the end of the
  ///   file.
  package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int {
    var done = 0
    while done < buffer.count {
      let count = pread(
        descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
      if count == 0 { break }
      if count > 0 {
        done += count
        chost_beat()
      } else if errno != EINTR {
        throw Self.failure(path, "cannot be read")
      }
    }
    return done
  }

  /// Writes all of `bytes` at `offset`.
  package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
    var done = 0
    while done < bytes.count {
      let count = pwrite(
        descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
      if count > 0 {
        done += count
        chost_beat()
      } else if errno != EINTR {
        throw Self.failure(path, "cannot be written")
      }
    }
  }

  func seek(to offset: Int) throws {
    guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else {
      throw Self.failure(path, "cannot be read from byte \(offset)")
    }
  }

  func resize(to bytes: Int) throws {
    guard ftruncate(descriptor, off_t(bytes)) == 0 else {
      throw Self.failure(path, "cannot be made \(bytes) bytes long")
    }
  }

  /// Flushes the file to stable storage.
  func synchronize() throws {
    // fsync fails with these codes for pipes and the like, which have nothing to flush.
    guard fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS else {
      throw Self.failure(path, "cannot be written")
    }
  }

  /// Flushes a folder to stable storage, so that renames in it survive a crash.
  static func synchronize(folder: String) throws {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(folder, "cannot be opened") }
    defer { close(descriptor) }
    // Some file systems do not support fsync for folders; there is nothing else to do.
    guard fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP else {
      throw failure(folder, "cannot be written")
    }
  }

  /// The folder that holds `path`, which must not end in a slash.
  static func parent(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// `path` with symbolic links resolved; `path` itself if it does not exist.
  static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  /// A failure with the reason that errno gives. Call it directly after the system call.
  static func failure(_ path: String, _ what: String) -> Failure {
    let reason = String(cString: strerror(errno))
    return .io(path, "\(what): \(reason)")
  }
}

extension File {
  /// All bytes of a small file.
  static func contents(of path: String) throws -> [UInt8] {
    let file = try File(reading: path)
    let size = try file.size
    let memory = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    guard size <= memory else {
      throw Failure.badInput(path, "has \(size) bytes, more than this host's memory")
    }
    var bytes = [UInt8](repeating: 0, count: size)
    let read = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
    bytes.removeLast(size - read)
    return bytes
  }

  package static func write(_ bytes: [UInt8], to path: String) throws {
    let file = try File(writing: path, truncating: true)
    try bytes.withUnsafeBytes { try file.write($0, at: 0) }
  }

  /// The kind of file that a path leads to, after symbolic links.
  enum Kind: Equatable {
    case folder
    case regular
    /// A FIFO, a socket or a device, with its name for messages.
    case other(String)
  }

  /// The kind of file at `path`; nil if there is none.
  static func kind(of path: String) -> Kind? {
    guard let status = status(of: path) else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: return .folder
    case S_IFREG: return .regular
    case S_IFIFO: return .other("a FIFO")
    case S_IFSOCK: return .other("a socket")
    default: return .other("a device")
    }
  }

  static func status(of path: String) -> stat? {
    var status = stat()
    return PathName.withBytes(of: path) { stat($0, &status) } == 0 ? status : nil
  }

  static func isFolder(_ path: String) -> Bool { kind(of: path) == .folder }

  static func isRegular(_ path: String) -> Bool { kind(of: path) == .regular }

  static func remove(_ path: String) { unlink(path) }

  static func exists(_ path: String) -> Bool {
    PathName.withBytes(of: path) { access($0, F_OK) } == 0
  }

  /// Names in a folder, in byte order, without `.` and `..`.
  static func names(in folder: String) throws -> [String] {
    guard let directory = PathName.withBytes(of: folder, { opendir($0) }) else {
      throw failure(folder, "cannot be listed")
    }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { PathName.string($0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
