import Diagnostics

/// Reads STL-10's binary files: files of pictures, each followed by its file of labels if there is
/// one. A row has the 1,428 features of the paper.
public struct STL10Reader {
  public init() {}

  /// Reads `files` in order, as one corpus.
  ///
  /// - Parameter files: Files of pictures (27,648 bytes each), each with or without a following
  ///   file of labels (a byte each, 1 to 10).
  /// - Throws: `Failure.badInput` with file and offset.
  public func read(_ files: [String], _ scratch: Scratch) throws -> NumericCorpus {
    var rows = JoinedRows()
    var labels: [Int32] = []
    var labelled = 0..<0
    var classNames: [String] = []
    for path in files {
      let input = try WholeInput(path, scratch)
      let bytes = input.bytes
      defer { withExtendedLifetime(input) {} }
      // A file with one byte for each picture of the file before holds their labels.
      if !labelled.isEmpty, bytes.count == labelled.count {
        for (i, byte) in bytes.enumerated() {
          guard (1...10).contains(byte) else {
            throw Failure.badInput(path, at: "byte \(i)", "is label \(byte)", hint: "1 to 10")
          }
          labels[labelled.lowerBound + i] = Int32(byte) - 1
        }
        labelled = 0..<0
        if classNames.isEmpty { classNames = try Self.names(beside: path) }
        continue
      }
      let count = bytes.count / STL10Picture.bytes
      guard bytes.count > 0, bytes.count % STL10Picture.bytes == 0 else {
        throw Failure.badInput(
          path, at: "byte \(count * STL10Picture.bytes)",
          "has \(bytes.count) bytes, no multiple of 27648"
            + (labelled.isEmpty ? "" : " and not \(labelled.count) labels"),
          hint: "pictures of 96 x 96 x 3 bytes, then their labels, are wanted")
      }
      try rows.append(PictureRows(input: input, count: count), path: path)
      labelled = labels.count..<labels.count + count
      labels += [Int32](repeating: -1, count: count)
    }
    var documents = NumericCorpus(.dense(rows))
    documents.corpus.labels = labels
    let classes = Int(labels.max() ?? -1) + 1
    documents.corpus.classNames =
      classes == 0
      ? [] : classNames.count >= classes ? classNames : (1...max(10, classes)).map(String.init)
    return documents
  }

  /// The lines of `class_names.txt`, beside the labels.
  private static func names(beside path: String) throws -> [String] {
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let file = (folder + ["class_names.txt"]).joined(separator: "/")
    guard File.isRegular(file) else { return [] }
    let lines = try LineReader(path: file)
    var names: [String] = []
    while let line = try lines.next(), names.count < 10 {
      names.append(String(decoding: line, as: UTF8.self))
    }
    return names
  }

  private struct PictureRows: DenseRows {
    let input: WholeInput
    let count: Int
    var features: Int { STL10Features.count }

    func read(_ number: Int, into row: UnsafeMutableBufferPointer<Float>) {
      let start = number * STL10Picture.bytes
      STL10Features.compute(
        STL10Picture(
          UnsafeRawBufferPointer(rebasing: input.bytes[start..<start + STL10Picture.bytes])),
        into: row)
    }

    func place(of number: Int) -> (path: String, place: String) {
      (input.path, "picture \(number)")
    }
  }
}
