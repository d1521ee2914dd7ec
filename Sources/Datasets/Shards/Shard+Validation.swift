import Diagnostics

extension Shard {
  private static let hint = "the file was changed or damaged; prepare the dataset again"

  /// Checks that `indptr` is non-decreasing and within the file.
  ///
  /// - Returns: The range of entries of the rows in `range`.
  static func checkedRows(
    _ folder: DatasetFolder, _ range: Range<Int>, _ rowStarts: UnsafeBufferPointer<Int64>
  ) throws -> Range<Int> {
    func bad(_ i: Int, _ found: String) -> Failure {
      .badInput(
        folder.file("indptr.npy"), at: "document \(range.lowerBound + i)", found, hint: hint)
    }
    var previous = rowStarts[0]
    guard previous >= 0, range.lowerBound > 0 || previous == 0 else {
      throw bad(0, "begins at entry \(previous)")
    }
    for (i, start) in rowStarts.enumerated() {
      guard start >= previous, start <= folder.info.nonzeros else {
        throw bad(i, "entry \(start) follows \(previous) of \(folder.info.nonzeros)")
      }
      previous = start
    }
    guard range.upperBound < folder.info.samples || previous == folder.info.nonzeros else {
      throw bad(range.count, "ends at entry \(previous) of \(folder.info.nonzeros)")
    }
    return Int(rowStarts[0])..<Int(previous)
  }

  /// Checks that the indices of each row are strictly increasing and in `0 ..< d`.
  func checkIndices(_ folder: DatasetFolder) throws {
    for document in range {
      var previous: Int32 = -1
      for index in indices[entries(of: document)] {
        guard index > previous, index < features else {
          throw Failure.badInput(
            folder.file("indices.npy"), at: "document \(document)",
            "index \(index) follows \(previous) of \(features) features", hint: Self.hint)
        }
        previous = index
      }
    }
  }

  /// Checks that all values are finite.
  func checkValues(_ path: String) throws {
    // Exactly NaN and the infinities have all bits of the exponent set.
    var isFinite = true
    for value in values { isFinite = isFinite && value.bitPattern & 0x7f80_0000 != 0x7f80_0000 }
    guard isFinite else {
      throw Failure.badInput(path, "holds NaN or infinity in documents \(range)", hint: Self.hint)
    }
  }
}
