import Diagnostics

/// All bytes of an input file, mapped into memory. A gzipped file or a pipe is first decompressed
/// or copied into a temporary file.
final class WholeInput {
  let path: String
  let bytes: UnsafeRawBufferPointer
  private let owner: AnyObject

  init(_ path: String, _ scratch: Scratch) throws {
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
    while true {
      let count = try reader.read(into: UnsafeMutableRawBufferPointer(buffer))
      if count == 0 { break }
      try spill.append(UnsafeBufferPointer(rebasing: buffer[..<count]))
    }
    (bytes, owner) = (UnsafeRawBufferPointer(try spill.elements()), spill)
  }
}
