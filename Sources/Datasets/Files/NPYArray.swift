import Diagnostics

/// A `.npy` file in memory or mapped into it, with elements of any supported type.
struct NPYArray {
  let header: NPY.Header
  /// The path that messages name.
  let path: String
  /// The bytes of the elements.
  private let bytes: UnsafeRawBufferPointer
  private let owner: AnyObject

  /// - Parameters:
  ///   - file: All bytes of the `.npy` file.
  ///   - owner: The object that keeps `file` in memory.
  init(_ file: UnsafeRawBufferPointer, owner: AnyObject, path: String) throws {
    self.path = path
    self.owner = owner
    header = try NPY.parseHeader(file, path: path)
    let expected = header.dataOffset + header.dataBytes
    guard file.count == expected else {
      throw Failure.badInput(
        path, at: "byte \(min(file.count, expected))",
        "has \(file.count) bytes where its header says \(expected)",
        hint: "the file is cut short or damaged")
    }
    bytes = UnsafeRawBufferPointer(rebasing: file[header.dataOffset...])
  }

  init(_ path: String, _ scratch: Scratch) throws {
    let input = try WholeInput(path, scratch)
    try self.init(input.bytes, owner: input, path: path)
  }

  var count: Int { header.count }

  var isInteger: Bool { header.type.isInteger }

  /// Element `i` of an integer array; numbers beyond Int become the largest Int.
  @inline(__always)
  func integer(_ i: Int) -> Int { NPY.integer(i, of: bytes, header.type) }

  /// Fills `row` with the elements from `first` on, in file order.
  func floats(from first: Int, into row: UnsafeMutableBufferPointer<Float>) {
    NPY.floats(from: first, of: bytes, header.type, into: row)
  }
}
