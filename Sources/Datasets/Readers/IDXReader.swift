import Diagnostics

/// IDX files, MNIST's format: pairs of pictures and labels.
public struct IDXReader {
  public init() {}

  /// The pictures of all files in order, a row each, and their labels.
  ///
  /// - Parameter files: Pictures, then their labels, as many pairs as given.
  /// - Throws: `Failure.badInput` with file and offset.
  public func read(_ files: [String], _ scratch: Scratch) throws -> NumericCorpus {
    guard files.count % 2 == 0, !files.isEmpty else {
      throw Failure.usage("\(files.count) files", hint: "give pictures and labels in pairs")
    }
    var rows = JoinedRows()
    var labels: [Int32] = []
    for pair in stride(from: 0, to: files.count, by: 2) {
      let pictures = try ByteArray(files[pair], dimensions: 3, scratch)
      let classes = try ByteArray(files[pair + 1], dimensions: 1, scratch)
      let count = pictures.shape[0]
      guard classes.shape[0] == count else {
        throw Failure.badInput(
          files[pair + 1], "has \(classes.shape[0]) labels for \(count) pictures")
      }
      try rows.append(PictureRows(pictures), path: files[pair])
      withExtendedLifetime(classes.input) { labels += classes.bytes.map(Int32.init) }
    }
    guard rows.count > 0 else { throw Failure.badInput(files[0], "holds no pictures") }
    var documents = NumericCorpus(.dense(rows))
    documents.corpus.labels = labels
    documents.corpus.classNames = (0...Int(labels.max() ?? 0)).map(String.init)
    return documents
  }

  /// One file: 0, 0, 8 (unsigned byte), the number of dimensions, their sizes, the bytes.
  private struct ByteArray {
    let shape: [Int]
    let bytes: UnsafeRawBufferPointer
    let input: WholeInput

    init(_ path: String, dimensions: Int, _ scratch: Scratch) throws {
      input = try WholeInput(path, scratch)
      let bytes = input.bytes
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
      shape = (0..<dimensions).map { i in
        (0..<4).reduce(0) { $0 << 8 | Int(bytes[4 + 4 * i + $1]) }
      }
      // Sizes are below 2³² each; three of them overflow only in a damaged file.
      let expected = shape.reduce(1.0) { $0 * Double($1) } + Double(start)
      guard Double(bytes.count) == expected else {
        let said = expected < 1e15 ? "\(Int(expected))" : "more than any file has"
        throw Failure.badInput(
          path, at: "byte \(Int(min(Double(bytes.count), expected)))",
          "has \(bytes.count) bytes where its header says \(said)",
          hint: "the file is cut short or damaged")
      }
      self.bytes = UnsafeRawBufferPointer(rebasing: bytes[start...])
    }
  }

  private struct PictureRows: DenseRows {
    private let array: ByteArray

    init(_ array: ByteArray) { self.array = array }

    var count: Int { array.shape[0] }
    var features: Int { array.shape[1] * array.shape[2] }

    func read(_ number: Int, into row: UnsafeMutableBufferPointer<Float>) {
      let start = number * row.count
      for i in row.indices { row[i] = Float(array.bytes[start + i]) }
    }

    func place(of number: Int) -> (path: String, place: String) {
      (array.input.path, "picture \(number)")
    }
  }
}
