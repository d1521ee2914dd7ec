/// The names and sizes of the input files, by which ranks on several hosts find out that these are
/// not the same. Their contents are not compared: each byte is read by one rank only.
package struct InputListing: CustomStringConvertible {
  private var count = 0
  private var bytes = 0
  private var checksum: UInt32 = 0

  package init(_ paths: [String]) throws {
    var lines: [UInt8] = []
    for path in paths {
      guard let status = File.status(of: path) else { throw File.failure(path, "cannot be opened") }
      count += 1
      bytes += Int(status.st_size)
      lines += "\(path)\t\(status.st_size)\n".utf8
    }
    checksum = Checksum.crc(lines)
  }

  package var description: String {
    "\(count) files of \(bytes) bytes, their list with checksum \(String(checksum, radix: 16))"
  }
}
