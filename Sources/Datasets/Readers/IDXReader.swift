import Diagnostics

/// Reads IDX files, the format of MNIST: files of pictures, each followed by its file of labels if
/// there is one.
public struct IDXReader {
  public init() {}

  /// Reads `files` in order, as one corpus.
  ///
  /// - Parameter files: Files of pictures, each with or without a following file of labels.
  /// - Throws: `Failure.badInput` with file and offset.
  public func read(_ files: [String], _ scratch: Scratch) throws -> NumericCorpus {
    var rows = JoinedRows()
    var picture: PictureShape?
    var labels: [Int32] = []
    // The number of pictures in the previous file, if its labels may follow.
    var unlabelled: Int?
    for path in files {
      let array = try ByteArray(path, labelsMayCome: unlabelled != nil, scratch)
      if array.shape.count == 3 {
        let shape = PictureShape(height: array.shape[1], width: array.shape[2])
        guard shape == picture ?? shape else {
          throw Failure.badInput(
            path,
            "has pictures of \(shape.height) x \(shape.width) pixels after ones of "
              + "\(picture!.height) x \(picture!.width)",
            hint: "all files of a corpus have pictures of one shape")
        }
        picture = shape
        try rows.append(PictureRows(array), path: path)
        labels += [Int32](repeating: -1, count: array.shape[0])
        unlabelled = array.shape[0]
        continue
      }
      let count = array.shape[0]
      guard count == unlabelled else {
        throw Failure.badInput(path, "has \(count) labels for \(unlabelled ?? 0) pictures")
      }
      withExtendedLifetime(array.input) {
        labels.removeLast(count)
        labels += array.bytes.map(Int32.init)
      }
      unlabelled = nil
    }
    guard rows.count > 0 else { throw Failure.badInput(files[0], "holds no pictures") }
    var documents = NumericCorpus(.dense(rows))
    documents.picture = picture
    documents.corpus.labels = labels
    documents.corpus.classNames = (0..<Int(labels.max() ?? -1) + 1).map(String.init)
    return documents
  }

  /// A file: the bytes 0, 0, 8 (for unsigned bytes) and the number of dimensions; the size of each
  /// dimension; the elements.
  private struct ByteArray {
    let shape: [Int]
    let bytes: UnsafeRawBufferPointer
    let input: WholeInput

    init(_ path: String, labelsMayCome: Bool, _ scratch: Scratch) throws {
      input = try WholeInput(path, scratch) { Self.size(header: $0) ?? .infinity }
      let bytes = input.bytes
      let dimensions = bytes.count < 4 ? 0 : Int(bytes[3])
      let start = 4 + 4 * dimensions
      guard bytes.count >= max(8, start) else {
        throw Failure.badInput(path, "has \(bytes.count) bytes, less than an IDX header")
      }
      let isWanted = dimensions == 3 || dimensions == 1 && labelsMayCome
      guard bytes[0] == 0, bytes[1] == 0, bytes[2] == 8, isWanted else {
        let magic = bytes[..<4].map { String($0, radix: 16) }.joined(separator: " ")
        throw Failure.badInput(
          path, at: "byte 0", "has the magic number \(magic)",
          hint: "pictures begin 0 0 8 3" + (labelsMayCome ? ", labels 0 0 8 1" : ""))
      }
      shape = Self.shape(bytes, dimensions)
      let expected = Self.size(header: bytes)!
      guard Double(bytes.count) == expected else {
        let said = expected < 1e15 ? "\(Int(expected))" : "more than any file has"
        throw Failure.badInput(
          path, at: "byte \(Int(min(Double(bytes.count), expected)))",
          "has \(bytes.count) bytes where its header says \(said)",
          hint: "the file is cut short or damaged")
      }
      self.bytes = UnsafeRawBufferPointer(rebasing: bytes[start...])
    }

    private static func shape(_ bytes: UnsafeRawBufferPointer, _ dimensions: Int) -> [Int] {
      (0..<dimensions).map { i in
        (0..<4).reduce(0) { $0 << 8 | Int(bytes[4 + 4 * i + $1]) }
      }
    }

    /// The bytes of a file by its header; nil if it is not whole. In Double: the product of three
    /// sizes below 2³² may overflow Int if the file is damaged.
    private static func size(header bytes: UnsafeRawBufferPointer) -> Double? {
      guard bytes.count >= 4, bytes.count >= 4 + 4 * Int(bytes[3]) else { return nil }
      let dimensions = Int(bytes[3])
      return shape(bytes, dimensions).reduce(1.0) { $0 * Double($1) } + Double(4 + 4 * dimensions)
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
