import Diagnostics

/// The rows of a sparse corpus in the order of the input, with ascending indices, on disk. Memory
/// holds 16 bytes a row.
public final class SparseStore {
  /// d.
  public internal(set) var features = 0
  /// The index of the first feature in the rows given to `append`: 1 if they are one-based.
  var firstIndex: Int32 = 0
  /// ‖x‖² of each row.
  private(set) var squares: [Double] = []
  private var starts: [Int] = [0]
  private let indices: SpilledArray<Int32>
  private let values: SpilledArray<Float>

  init(_ scratch: Scratch) throws {
    indices = try SpilledArray(scratch)
    values = try SpilledArray(scratch)
  }

  public var count: Int { squares.count }

  /// Sorts a row, and appends it.
  ///
  /// - Throws: `Failure.badInput` with `path` and `place` where a value is not finite.
  func append(_ row: inout SparseRow, _ path: String, at place: @autoclosure () -> String) throws {
    row.normalise()
    // A sum of squares of finite Floats is finite in Double.
    let square = row.values.reduce(0.0) { $0 + Double($1) * Double($1) }
    guard square.isFinite else {
      throw Failure.badInput(
        path, at: place(), "holds NaN, infinity or a number beyond float32",
        hint: "remove or replace such values")
    }
    try indices.append(row.indices)
    try values.append(row.values)
    starts.append(indices.count)
    squares.append(square)
  }

  func entryCount(of row: Int) -> Int { starts[row + 1] - starts[row] }

  /// All entries; `entries(of:)` gives the range of a row.
  func entries() throws -> (indices: UnsafeBufferPointer<Int32>, values: UnsafeBufferPointer<Float>)
  {
    (try indices.elements(), try values.elements())
  }

  func entries(of row: Int) -> Range<Int> { starts[row]..<starts[row + 1] }
}
