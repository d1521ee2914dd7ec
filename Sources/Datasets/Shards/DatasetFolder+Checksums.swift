import Diagnostics

extension DatasetFolder {
  /// Checksums of the bytes of consecutive documents in every file, as (CRC-32, length) pairs in
  /// the order of the file names, and the lines of `ids.txt` that end in them. All-gather them over
  /// the ranks and pass them to `verify`.
  ///
  /// A rank checks the documents that it reads, since a host may have a copy of its own.
  public func checksums(of documents: Range<Int>) throws -> [Int64] {
    try info.files.keys.sorted().flatMap { name in
      let bytes = try bytes(of: name, documents)
      return [Int64(try Checksum.crc(of: file(name), bytes)), Int64(bytes.count)]
    } + [Int64(idLines(documents))]
  }

  /// The range of a file that holds the rows of consecutive documents; those of all documents in
  /// order are the whole file.
  private func bytes(of name: String, _ documents: Range<Int>) throws -> Range<Int> {
    let start = try offset(of: documents.lowerBound, in: name)
    return start..<max(start, try offset(of: documents.upperBound, in: name))
  }

  private func offset(of document: Int, in name: String) throws -> Int {
    let size = info.files[name]!.bytes
    if document == 0 { return 0 }
    if document == info.samples { return size }
    func element(_ index: Int) throws -> Int {
      let header = try NPYReader(file(name)).header
      return min(size, header.dataOffset + index * header.type.bytes)
    }
    switch name {
    case "indptr.npy", "labels.npy", Self.openingOffsets: return try element(document)
    case "dense.npy": return try element(document * info.features)
    case "indices.npy", "data.npy":
      let start = try NPYReader(file("indptr.npy")).integers(document..<document + 1)[0]
      return try element(min(max(0, start), info.nonzeros))
    default: return size / info.samples * document  // lines of any length
    }
  }

  private func idLines(_ documents: Range<Int>) throws -> Int {
    let ids = try File(reading: file("ids.txt"))
    let size = info.files["ids.txt"]!.bytes
    let range = try bytes(of: "ids.txt", documents)
    var offset = range.lowerBound
    var lines = 0
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while offset < range.upperBound {
      let count = try buffer.withUnsafeMutableBytes {
        let block = UnsafeMutableRawBufferPointer(
          rebasing: $0[..<min($0.count, range.upperBound - offset)])
        let count = try ids.read(into: block, at: offset)
        lines += block[..<count].count { $0 == 0x0a }
        // The last line may lack its line feed.
        if count > 0, offset + count == size, block[count - 1] != 0x0a { lines += 1 }
        return count
      }
      guard count > 0 else { break }
      offset += count
    }
    return lines
  }

  /// Checks the files against `dataset.json`, and that `ids.txt` has one line a document.
  ///
  /// - Parameter parts: What `checksums` returned for ranges of documents that follow each other.
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

  /// Checksums of one of `parts` equal shares of the bytes of files that no `dataset.json` lists
  /// yet, as (CRC-32, length) pairs. All-gather them and pass them to `combine`.
  package static func checksums(
    of names: [String], in folder: String, part: Int, of parts: Int
  ) throws -> [Int64] {
    try names.flatMap { name in
      let bytes = try File(reading: "\(folder)/\(name)").size
      let range = (bytes * part / parts)..<(bytes * (part + 1) / parts)
      return [Int64(try Checksum.crc(of: "\(folder)/\(name)", range)), Int64(range.count)]
    }
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
  /// What tells whether a dataset is the one of a run: the CRC-32s of the files that training
  /// reads, by name.
  public var fingerprint: String {
    files.filter { !DatasetFolder.readersFiles.contains($0.key) }
      .sorted { $0.key < $1.key }.map { String($0.value.crc32, radix: 16) }
      .joined(separator: "-")
  }
}
