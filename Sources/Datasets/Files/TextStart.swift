import Diagnostics

/// Checks the first bytes of a text file: a byte-order mark is skipped, a file that is not UTF-8
/// text is refused.
enum TextStart {
  /// The number of bytes that are searched for NUL.
  private static let length = 8000

  /// - Parameters:
  ///   - start: The first bytes, after decompression.
  ///   - isGzipped: Whether the file is gzipped, for the command in the message.
  /// - Returns: The length of the byte-order mark; 0 if there is none.
  /// - Throws: `Failure.badInput` with the encoding or format, and the command that converts it.
  static func check(
    _ start: UnsafeRawBufferPointer, path: String, isGzipped: Bool = false
  ) throws -> Int {
    if start.starts(with: [0xef, 0xbb, 0xbf]) { return 3 }
    if let encoding = unicodeEncoding(start) {
      let command = "iconv -f \(encoding) -t UTF-8"
      throw Failure.badInput(
        path, "is \(encoding), not UTF-8",
        hint: "convert it: " + (isGzipped ? "zcat \(path) | \(command)" : "\(command) \(path)"))
    }
    if let packed = packers.first(where: { start.starts(with: $0.magic) }) {
      throw Failure.badInput(
        path, "is compressed by \(packed.name); only gzip is read",
        hint: "convert it: \(packed.command) \(path) | gzip")
    }
    let format = formats.first { start.starts(with: $0.magic) }?.name
    if format != nil || start.prefix(length).contains(0) {
      throw Failure.badInput(
        path, "is \(format ?? "binary, with NUL bytes"), not text",
        hint: "leave it out, or convert it to UTF-8 text")
    }
    return 0
  }

  private static func unicodeEncoding(_ start: UnsafeRawBufferPointer) -> String? {
    if start.starts(with: [0xff, 0xfe, 0, 0]) || start.starts(with: [0, 0, 0xfe, 0xff]) {
      return "UTF-32"
    }
    if start.starts(with: [0xff, 0xfe]) || start.starts(with: [0xfe, 0xff]) { return "UTF-16" }
    // Without a byte-order mark: in UTF-16, the higher byte of spaces, line ends and Latin letters
    // is NUL.
    var (even, odd) = (0, 0)
    let bytes = start.prefix(length)
    for (i, byte) in bytes.enumerated() where byte == 0 {
      if i % 2 == 0 { even += 1 } else { odd += 1 }
    }
    guard max(even, odd) * 20 >= bytes.count, max(even, odd) >= 2, min(even, odd) == 0 else {
      return nil
    }
    return even == 0 ? "UTF-16LE" : "UTF-16BE"
  }

  private static let packers: [(name: String, command: String, magic: [UInt8])] = [
    ("bzip2", "bzcat", Array("BZh9".utf8) + [0x31, 0x41, 0x59]),
    ("zstd", "zstdcat", [0x28, 0xb5, 0x2f, 0xfd]),
    ("xz", "xzcat", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]),
    ("LZ4", "lz4cat", [0x04, 0x22, 0x4d, 0x18]),
    ("compress", "zcat", [0x1f, 0x9d]),
    ("zip", "unzip -p", [0x50, 0x4b, 0x03, 0x04]),
  ]

  private static let formats: [(name: String, magic: [UInt8])] = [
    ("a PDF", Array("%PDF-".utf8)),
    ("a PNG picture", [0x89, 0x50, 0x4e, 0x47]),
    ("a JPEG picture", [0xff, 0xd8, 0xff]),
    ("a GIF picture", Array("GIF89a".utf8)),
    ("a Parquet file", Array("PAR1".utf8) + [0x15]),
    ("an array of numpy.save", [0x93] + Array("NUMPY".utf8)),
  ]
}
