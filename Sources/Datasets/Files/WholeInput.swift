import Diagnostics

/// All bytes of an input file, mapped into memory. A gzipped file or a pipe is first decompressed
/// or copied into a temporary file.
final class WholeInput {
  let path: String
  let bytes: UnsafeRawBufferPointer
  private let owner: AnyObject

  /// - Parameter size: The bytes that the file should have by its first ones, where they say it.
  ///   Of a gzipped file one more is read: a small one may hold far more than its header says.
  init(
    _ path: String, _ scratch: Scratch,
    size: (UnsafeRawBufferPointer) -> Double = { _ in .infinity }
  ) throws {
    self.path = path
    if File.isRegular(path), try !GzipOrPlainReader.isGzipped(path) {
      let map = try MappedFile(path)
      (bytes, owner) = (map.bytes, map)
      return
    }
    let reader = try GzipOrPlainReader(path)
    let spill = try SpilledArray<UInt8>(scratch)
    let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 1 << 18)
    defer { buffer.deallocate() }
    var wanted = Double.infinity
    while Double(spill.count) <= wanted {
      let count = try reader.read(into: UnsafeMutableRawBufferPointer(buffer))
      if count == 0 { break }
      let part = UnsafeBufferPointer(rebasing: buffer[..<count])
      if spill.count == 0 { wanted = size(UnsafeRawBufferPointer(part)) }
      try spill.append(part)
    }
    (bytes, owner) = (UnsafeRawBufferPointer(try spill.elements()), spill)
  }
}
