import Diagnostics

/// Reads dense matrices in NumPy's format, `[documents, d]`. They are mapped into memory, not
/// copied, unless they are gzipped or in Fortran order.
public struct NPYMatrixReader {
  public init() {}

  /// Reads `files` in order, as one corpus.
  ///
  /// - Throws: `Failure.badInput` with the file.
  public func read(_ files: [String], _ scratch: Scratch) throws -> NumericCorpus {
    let rows = try rows(files, scratch)
    guard rows.count > 0 else {
      throw Failure.badInput(files.joined(separator: " "), "holds no documents")
    }
    return NumericCorpus(.dense(rows))
  }

  /// The rows of `files`, concatenated.
  public func rows(_ files: [String], _ scratch: Scratch) throws -> JoinedRows {
    var rows = JoinedRows()
    for path in files {
      let array = try NPYArray(path, scratch)
      let shape = array.header.shape
      guard shape.count == 2 else {
        throw Failure.badInput(
          path, "has \(shape.count) dimensions", hint: "documents are the rows of a matrix, [n, d]")
      }
      guard shape[1] > 0, shape[1] < Int(Int32.max) else {
        throw Failure.badInput(path, "has rows of \(shape[1]) elements")
      }
      // A matrix of one row or one column is the same in both orders.
      guard array.header.isFortranOrder, shape[0] > 1, shape[1] > 1 else {
        try rows.append(ArrayRows(array: array), path: path)
        continue
      }
      let n = shape[0]
      try rows.append(
        Transposition.rows(path, n, shape[1], scratch) { column, rows, target in
          array.floats(
            from: column * n + rows.lowerBound,
            into: UnsafeMutableBufferPointer(rebasing: target[..<rows.count]))
        }, path: path)
    }
    return rows
  }
}
