import Diagnostics
import Glibc

/// A folder for data that may be too large for memory. They are in temporary files without names,
/// which cease to exist when the process ends, even if it is killed.
public struct Scratch: Sendable {
  let folder: String

  /// Uses the file system of the output, which must have space for the result as well.
  ///
  /// - Parameter output: The path of the output.
  public init(beside output: String) {
    var parent = output
    repeat {
      let parts = parent.split(separator: "/", omittingEmptySubsequences: true)
      let start = parent.hasPrefix("/") ? "/" : ""
      parent = start + parts.dropLast().joined(separator: "/")
    } while !parent.isEmpty && !File.isFolder(parent)
    folder = parent.isEmpty ? "." : parent
  }

  init(folder: String) { self.folder = folder }

  /// The system's folder for temporary files, which often has less space.
  public static let temporary = Scratch(
    folder: getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")

  func file() throws -> File { try File(unnamedIn: folder) }
}

/// An array that grows on disk and is read through a map, so that only the pages in use are in
/// memory.
final class SpilledArray<Element: BitwiseCopyable> {
  private let file: File
  private let writer: BufferedWriter
  private var map: MappedFile?
  private(set) var count = 0

  init(_ scratch: Scratch) throws {
    file = try scratch.file()
    writer = BufferedWriter(file)
  }

  func append(_ elements: UnsafeBufferPointer<Element>) throws {
    try writer.append(UnsafeRawBufferPointer(elements))
    count += elements.count
  }

  func append(_ elements: [Element]) throws { try elements.withUnsafeBufferPointer(append) }

  func append(_ element: Element) throws {
    try withUnsafeBytes(of: element) { try writer.append($0) }
    count += 1
  }

  /// All elements, valid as long as this object. None may be appended afterwards.
  func elements() throws -> UnsafeBufferPointer<Element> {
    if map == nil {
      try writer.flush()
      map = try MappedFile(file)
    }
    return map!.bytes.bindMemory(to: Element.self)
  }
}

/// A block of zeros on disk, mapped into memory for writing in any order.
final class SpilledBlock<Element: BitwiseCopyable> {
  let elements: UnsafeMutableBufferPointer<Element>
  private let base: UnsafeMutableRawPointer?
  private let length: Int

  init(_ scratch: Scratch, count: Int) throws {
    length = count * MemoryLayout<Element>.stride
    guard length > 0 else {
      (elements, base) = (UnsafeMutableBufferPointer(start: nil, count: 0), nil)
      return
    }
    let file = try scratch.file()
    // Reserve the space: if there is not enough, that is an error now, not a bus error when a page
    // is written.
    let code = posix_fallocate(file.descriptor, 0, off_t(length))
    guard code == 0 else {
      throw Failure.io(
        scratch.folder, "has no room for \(length) bytes: \(String(cString: strerror(code)))")
    }
    let address = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_SHARED, file.descriptor, 0)
    guard let address, address != MAP_FAILED else {
      throw File.failure(scratch.folder, "cannot be mapped")
    }
    base = address
    elements = UnsafeMutableRawBufferPointer(start: address, count: length)
      .bindMemory(to: Element.self)
  }

  deinit { if let base { munmap(base, length) } }
}
