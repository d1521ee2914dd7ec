import Diagnostics

/// The elements of a `.npy` file that lies in memory or in a map, of any supported type.
struct NPYArray {
  let header: NPY.Header
  /// For messages.
  let path: String
  /// The elements alone.
  private let bytes: UnsafeRawBufferPointer
  private let owner: AnyObject

  /// - Parameter owner: What keeps `file`, all bytes of the `.npy` file, in memory.
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

  /// An element of an integer array; what Int cannot hold becomes the largest Int.
  @inline(__always)
  func integer(_ i: Int) -> Int { NPY.integer(i, of: bytes, header.type) }

  /// The elements from `first` on, in file order, as many as `row` holds.
  func floats(from first: Int, into row: UnsafeMutableBufferPointer<Float>) {
    NPY.floats(from: first, of: bytes, header.type, into: row)
  }
}
