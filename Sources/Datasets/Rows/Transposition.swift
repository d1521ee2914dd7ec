import DenseMath

/// Transposes a matrix in column order into row order on disk, in blocks of rows, so that both are
/// accessed in long runs.
enum Transposition {
  /// - Parameters:
  ///   - blockCount: The number of elements that are in memory at a time.
  ///   - column: Copies a range of a column: its index, the rows, and the destination.
  static func rows(
    _ path: String, _ n: Int, _ d: Int, _ scratch: Scratch, blockCount: Int = 1 << 22,
    _ column: (Int, Range<Int>, UnsafeMutableBufferPointer<Float>) -> Void
  ) throws -> SpilledRows {
    let spill = try SpilledArray<Float>(scratch)
    let height = max(1, min(n, blockCount / max(1, d)))
    let block = UnsafeMutableBufferPointer<Float>.allocate(capacity: height * d)
    defer { block.deallocate() }
    for start in stride(from: 0, to: n, by: height) {
      let rows = start..<min(n, start + height)
      Threads.split(d, grain: max(1, (1 << 16) / height)) { columns in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: rows.count) { part in
          part.initialize(repeating: 0)
          for j in columns {
            column(j, rows, part)
            for i in 0..<rows.count { block[i * d + j] = part[i] }
          }
        }
      }
      try spill.append(UnsafeBufferPointer(rebasing: block[..<(rows.count * d)]))
    }
    return SpilledRows(path: path, features: d, try spill.elements(), owner: spill)
  }
}
