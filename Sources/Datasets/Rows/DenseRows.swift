import Diagnostics

/// The rows of a dense corpus, indexed in the order of the input.
public protocol DenseRows {
  var count: Int { get }
  /// d.
  var features: Int { get }
  /// Fills `row`, which has d elements. Several threads may call it.
  func read(_ number: Int, into row: UnsafeMutableBufferPointer<Float>)
  /// The location of a row, for messages.
  func place(of number: Int) -> (path: String, place: String)
}

/// The rows of several files, concatenated.
public struct JoinedRows: DenseRows {
  private var parts: [any DenseRows] = []
  /// The index of the first row of each part.
  private var starts: [Int] = []
  public private(set) var count = 0
  public private(set) var features = 0

  init() {}

  /// - Throws: `Failure.badInput` where the width of `rows` differs from that of the previous ones.
  mutating func append(_ rows: any DenseRows, path: String) throws {
    guard rows.features > 0 else { throw Failure.badInput(path, "has rows without elements") }
    guard parts.isEmpty || rows.features == features else {
      throw Failure.badInput(
        path, "has rows of \(rows.features) features after ones of \(features)",
        hint: "all files of a corpus have the same features")
    }
    features = rows.features
    parts.append(rows)
    starts.append(count)
    count += rows.count
  }

  private func part(of number: Int) -> Int {
    var (low, high) = (0, starts.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if starts[middle] <= number { low = middle } else { high = middle - 1 }
    }
    return low
  }

  public func read(_ number: Int, into row: UnsafeMutableBufferPointer<Float>) {
    let part = part(of: number)
    parts[part].read(number - starts[part], into: row)
  }

  public func place(of number: Int) -> (path: String, place: String) {
    let part = part(of: number)
    return parts[part].place(of: number - starts[part])
  }
}

/// The rows of a matrix in a `.npy` file in C order.
struct ArrayRows: DenseRows {
  let array: NPYArray
  var count: Int { array.header.shape[0] }
  var features: Int { array.header.shape[1] }

  func read(_ number: Int, into row: UnsafeMutableBufferPointer<Float>) {
    array.floats(from: number * features, into: row)
  }

  func place(of number: Int) -> (path: String, place: String) { (array.path, "row \(number)") }
}

/// The rows of a matrix of floats on disk, in C order.
struct SpilledRows: DenseRows {
  let path: String
  let count: Int
  let features: Int
  private let elements: UnsafeBufferPointer<Float>
  private let owner: AnyObject

  init(path: String, features: Int, _ elements: UnsafeBufferPointer<Float>, owner: AnyObject) {
    self.path = path
    self.features = features
    count = features > 0 ? elements.count / features : 0
    self.elements = elements
    self.owner = owner
  }

  func read(_ number: Int, into row: UnsafeMutableBufferPointer<Float>) {
    _ = row.update(from: elements[number * features..<(number + 1) * features])
  }

  func place(of number: Int) -> (path: String, place: String) { (path, "row \(number)") }
}
