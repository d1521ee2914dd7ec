import Diagnostics
import Glibc

/// An open file that closes itself; every failure names its path.
package final class File {
  package let path: String
  let descriptor: Int32

  /// Opens for reading. A folder is bad input; what cannot be opened is a failure of the work.
  package init(reading path: String) throws {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure(path, "cannot be opened") }
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      throw Failure.badInput(path, "is a folder", hint: "name a file")
    }
  }

  /// Opens for writing, empty where `truncating`; the file is made where there is none.
  package init(writing path: String, truncating: Bool) throws {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | (truncating ? O_TRUNC : 0), 0o644)
    guard descriptor >= 0 else { throw Self.failure(path, "cannot be written") }
  }

  /// Makes a new file; neither a file nor a link may have the name.
  ///
  /// - Parameter output: What a message names in its place.
  init(creating path: String, for output: String) throws {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.failure(output, "cannot be written") }
  }

  /// Opens for writing a file that another rank has made.
  package init(updating path: String) throws {
    self.path = path
    descriptor = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure(path, "cannot be written") }
  }

  /// A file for this process alone: it has no name and is gone when closed.
  init(unnamedIn folder: String) throws {
    path = folder
    var template = Array("\(folder)/.dec-scratch-XXXXXX".utf8CString)
    descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw Self.failure(folder, "cannot take temporary files") }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    unlink(template)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Bytes in a regular file; 0 for a pipe.
  package var size: Int {
    get throws {
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { throw Self.failure(path, "has no size") }
      return Int(status.st_size)
    }
  }

  /// Reads where the last read ended. 0 at the end.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
      let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      if errno != EINTR { throw Self.failure(path, "cannot be read") }
    }
  }

  /// Fills `buffer` from `offset`; fewer bytes only where the file ends.
  package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int {
    var done = 0
    while done < buffer.count {
      let count = pread(
        descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
      if count == 0 { break }
      if count > 0 {
        done += count
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

  /// Returns when the bytes are on the disk, or on the server, for good.
  func synchronize() throws {
    // Pipes and the like have nothing to keep.
    guard fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS else {
      throw Self.failure(path, "cannot be written")
    }
  }

  /// Makes the names in a folder last.
  static func synchronize(folder: String) throws {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(folder, "cannot be opened") }
    defer { close(descriptor) }
    // Some file systems cannot do it for folders; then their names last anyway or nothing helps.
    guard fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP else {
      throw failure(folder, "cannot be written")
    }
  }

  /// The folder that holds `path`, which must not end in a slash.
  static func parent(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// `path` with symbolic links followed; as it is where nothing has that name.
  static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  /// What errno says about `path`.
  static func failure(_ path: String, _ what: String) -> Failure {
    let reason = String(cString: strerror(errno))
    return .io(path, "\(what): \(reason)")
  }
}

extension File {
  /// The whole of a small file.
  static func contents(of path: String) throws -> [UInt8] {
    let file = try File(reading: path)
    let size = try file.size
    var bytes = [UInt8](repeating: 0, count: size)
    let read = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
    bytes.removeLast(size - read)
    return bytes
  }

  package static func write(_ bytes: [UInt8], to path: String) throws {
    let file = try File(writing: path, truncating: true)
    try bytes.withUnsafeBytes { try file.write($0, at: 0) }
  }

  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  static func isRegular(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  static func remove(_ path: String) { unlink(path) }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Names in a folder, in byte order, without `.` and `..`.
  static func names(in folder: String) throws -> [String] {
    guard let directory = opendir(folder) else { throw failure(folder, "cannot be listed") }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
