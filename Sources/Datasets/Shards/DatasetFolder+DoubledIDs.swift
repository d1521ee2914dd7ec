extension DatasetFolder {
  /// How many documents have the id of one before them, and such an id; nil where there is none.
  /// Eight bytes a document are in memory.
  public func doubledIDs() throws -> (count: Int, example: String)? {
    var hashes: [UInt64] = []
    hashes.reserveCapacity(info.samples)
    let lines = try LineReader(path: file("ids.txt"))
    while let line = try lines.next() { hashes.append(Self.hash(line)) }
    hashes.sort()
    var count = 0
    var doubled: UInt64?
    for i in hashes.indices.dropFirst() where hashes[i] == hashes[i - 1] {
      count += 1
      doubled = doubled ?? hashes[i]
    }
    guard let doubled else { return nil }
    let again = try LineReader(path: file("ids.txt"))
    while let line = try again.next() {
      if Self.hash(line) == doubled {
        return (count, String(decoding: line, as: UTF8.self))
      }
    }
    return nil
  }

  private static func hash(_ id: UnsafeRawBufferPointer) -> UInt64 {
    var hasher = Hasher()
    hasher.combine(bytes: id)
    return UInt64(bitPattern: Int64(hasher.finalize()))
  }
}
