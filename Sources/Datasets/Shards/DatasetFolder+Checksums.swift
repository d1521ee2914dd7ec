import Diagnostics

extension DatasetFolder {
  /// Checksums of one of `parts` equal shares of every file's bytes, as (CRC-32, length) pairs in
  /// the order of the file names, and the lines of `ids.txt` that end in its share. All-gather them
  /// over the ranks and pass them to `verify`.
  public func checksums(part: Int, of parts: Int) throws -> [Int64] {
    try Self.checksums(
      of: info.files.keys.sorted().map { (file($0), info.files[$0]!.bytes) }, part: part, of: parts)
      + [Int64(idLines(part: part, of: parts))]
  }

  private func idLines(part: Int, of parts: Int) throws -> Int {
    let ids = try File(reading: file("ids.txt"))
    let bytes = info.files["ids.txt"]!.bytes
    let end = bytes * (part + 1) / parts
    var offset = bytes * part / parts
    var lines = 0
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while offset < end {
      let count = try buffer.withUnsafeMutableBytes {
        let block = UnsafeMutableRawBufferPointer(rebasing: $0[..<min($0.count, end - offset)])
        let count = try ids.read(into: block, at: offset)
        lines += block[..<count].count { $0 == 0x0a }
        // The last line may lack its line feed.
        if count > 0, offset + count == bytes, block[count - 1] != 0x0a { lines += 1 }
        return count
      }
      guard count > 0 else { break }
      offset += count
    }
    return lines
  }

  /// Checks the files against `dataset.json`, and that `ids.txt` has one line a document.
  ///
  /// - Parameter parts: What `checksums` returned for each part, in order.
  /// - Throws: `Failure.badInput` naming the first file that differs.
  public func verify(checksums parts: [[Int64]]) throws {
    let names = info.files.keys.sorted()
    for (name, found) in zip(names, Self.combine(parts.map { Array($0.dropLast()) }))
    where found != info.files[name] {
      throw Failure.badInput(
        file(name), "is not what dec prepare wrote: its checksum differs",
        hint: "the file was changed or damaged; prepare the dataset again")
    }
    try checkIDCount(parts.reduce(0) { $0 + Int($1.last ?? 0) })
  }

  static func checksums(
    of files: [(path: String, bytes: Int)], part: Int, of parts: Int
  ) throws -> [Int64] {
    try files.flatMap { path, bytes in
      let range = (bytes * part / parts)..<(bytes * (part + 1) / parts)
      return [Int64(try Checksum.crc(of: path, range)), Int64(range.count)]
    }
  }

  /// As `checksums(part:of:)`, for files that no `dataset.json` lists yet.
  package static func checksums(
    of names: [String], in folder: String, part: Int, of parts: Int
  ) throws -> [Int64] {
    try checksums(
      of: names.map { ("\(folder)/\($0)", try File(reading: "\(folder)/\($0)").size) },
      part: part, of: parts)
  }

  /// Combines the lengths and checksums of the files' parts into those of the whole files.
  package static func combine(_ parts: [[Int64]]) -> [DatasetInfo.FileInfo] {
    stride(from: 0, to: parts.first?.count ?? 0, by: 2).map { i in
      parts.reduce(DatasetInfo.FileInfo(bytes: 0, crc32: 0)) { whole, part in
        DatasetInfo.FileInfo(
          bytes: whole.bytes + Int(part[i + 1]),
          crc32: Checksum.combine(whole.crc32, UInt32(part[i]), length: Int(part[i + 1])))
      }
    }
  }
}

extension DatasetInfo.FileInfo {
  /// Of a file as it is.
  package init(of path: String) throws {
    let bytes = try File(reading: path).size
    self.init(bytes: bytes, crc32: try Checksum.crc(of: path, 0..<bytes))
  }
}

extension DatasetInfo {
  /// What tells whether a dataset is the one of a run: the CRC-32s of its files by name.
  public var fingerprint: String {
    files.sorted { $0.key < $1.key }.map { String($0.value.crc32, radix: 16) }
      .joined(separator: "-")
  }
}
