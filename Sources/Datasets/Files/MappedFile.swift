import CHost
import Diagnostics
import Glibc

/// A range of a file, mapped into memory for reading.
final class MappedFile {
  /// The bytes of the range.
  let bytes: UnsafeRawBufferPointer
  private let base: UnsafeMutableRawPointer?
  private let length: Int

  /// Maps `range`; nil for the whole file.
  convenience init(_ path: String, _ range: Range<Int>? = nil) throws {
    try self.init(File(reading: path), range)
  }

  init(_ file: File, _ range: Range<Int>? = nil) throws {
    let path = file.path
    let size = try file.size
    let range = range ?? 0..<size
    guard range.upperBound <= size else {
      throw Failure.badInput(
        path, "has \(size) bytes where \(range.upperBound) are expected",
        hint: "prepare the dataset again")
    }
    guard !range.isEmpty else {
      (bytes, base, length) = (UnsafeRawBufferPointer(start: nil, count: 0), nil, 0)
      return
    }
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let start = range.lowerBound / page * page
    length = range.upperBound - start
    let address = mmap(nil, length, PROT_READ, MAP_PRIVATE, file.descriptor, off_t(start))
    guard let address, address != MAP_FAILED else {
      throw File.failure(path, "cannot be mapped")
    }
    base = address
    chost_add_mapping(address, length, path)
    bytes = UnsafeRawBufferPointer(
      start: UnsafeRawPointer(address) + (range.lowerBound - start), count: range.count)
  }

  deinit {
    guard let base else { return }
    chost_remove_mapping(base)
    munmap(base, length)
  }
}
