extension SyntheticCorpus {
  /// Writes the documents of `range` as LYRL2004 tokens, and appends their topics.
  /// - Returns: The size of the tokens in bytes.
  package func write(
    _ range: Range<Int>, tokens path: String, topics: inout [UInt8]
  ) throws -> Int {
    let writer = try BufferedWriter(path: path)
    let names = rootNames.map { Array($0.utf8) }
    var text: [UInt8] = []
    for number in range {
      text.removeAll(keepingCapacity: true)
      let id = Array("\(number + 1)".utf8)
      text += Array(".I ".utf8)
      text += id
      text += Array("\n.W\n".utf8)
      let root = Int(document(number, into: &text, lineLength: 12))
      text.append(0x0a)
      try text.withUnsafeBytes { try writer.append($0) }
      topics += names[root]
      topics.append(0x20)
      topics += id
      topics += Array(" 1\n".utf8)
    }
    try writer.flush()
    return writer.offset
  }

  /// Writes a range of a file that other ranks also write.
  package static func write(_ bytes: [UInt8], to path: String, at offset: Int) throws {
    let file = try File(writing: path, truncating: false)
    try bytes.withUnsafeBytes { try file.write($0, at: offset) }
  }
}
