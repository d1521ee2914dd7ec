import Diagnostics

/// IDX files, MNIST's format: pairs of pictures and labels.
public struct IDXReader {
  public init() {}

  /// The pictures of all files in order, `[documents, d]`, and their labels.
  ///
  /// - Parameter files: Pictures, then their labels, as many pairs as given.
  /// - Throws: `Failure.badInput` with file and offset.
  public func read(_ files: [String]) throws -> (corpus: Corpus, pixels: [UInt8], d: Int) {
    guard files.count % 2 == 0, !files.isEmpty else {
      throw Failure.usage("\(files.count) files", hint: "give pictures and labels in pairs")
    }
    var corpus = Corpus()
    var pixels: [UInt8] = []
    var d: Int?
    for pair in stride(from: 0, to: files.count, by: 2) {
      let pictures = try array(files[pair], dimensions: 3)
      let labels = try array(files[pair + 1], dimensions: 1)
      let size = pictures.shape[1] * pictures.shape[2]
      guard d == nil || d == size else {
        throw Failure.badInput(files[pair], "has pictures of \(size) pixels after ones of \(d!)")
      }
      d = size
      guard labels.shape[0] == pictures.shape[0] else {
        throw Failure.badInput(
          files[pair + 1], "has \(labels.shape[0]) labels for \(pictures.shape[0]) pictures")
      }
      pixels += pictures.bytes
      for label in labels.bytes { corpus.append(id: "\(corpus.count)", label: Int32(label)) }
    }
    guard corpus.count > 0 else { throw Failure.badInput(files[0], "holds no pictures") }
    corpus.classNames = (0...Int(corpus.labels.max() ?? 0)).map(String.init)
    return (corpus, pixels, d!)
  }

  /// One file: 0, 0, 8 (unsigned byte), the number of dimensions, their sizes, the bytes.
  private func array(_ path: String, dimensions: Int) throws -> (shape: [Int], bytes: [UInt8]) {
    let reader = try GzipOrPlainReader(path)
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = try buffer.withUnsafeMutableBytes { try reader.read(into: $0) }
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    let start = 4 + 4 * dimensions
    guard bytes.count >= start else {
      throw Failure.badInput(path, "has \(bytes.count) bytes, less than an IDX header")
    }
    guard bytes[0] == 0, bytes[1] == 0, bytes[2] == 8, bytes[3] == UInt8(dimensions) else {
      let magic = bytes[..<4].map { String($0, radix: 16) }.joined(separator: " ")
      throw Failure.badInput(
        path, at: "byte 0", "has the magic number \(magic), not 0 0 8 \(dimensions)",
        hint: dimensions == 3 ? "pictures are wanted here" : "labels are wanted here")
    }
    let shape = (0..<dimensions).map { i in
      (0..<4).reduce(0) { $0 << 8 | Int(bytes[4 + 4 * i + $1]) }
    }
    // Sizes are below 2³² each; three of them could overflow only in a damaged file.
    let expected = shape.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue } &+ start
    guard bytes.count == expected else {
      throw Failure.badInput(
        path, at: "byte \(min(bytes.count, max(0, expected)))",
        "has \(bytes.count) bytes where its header says \(expected)",
        hint: "the file is cut short or damaged")
    }
    return (shape, Array(bytes[start...]))
  }
}
