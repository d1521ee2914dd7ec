/// Writes one `.npy` file from several ranks: rank 0 creates it, then each rank writes its own
/// rows.
public final class NPYWriter {
  private let file: File
  private let header: [UInt8]
  private let shape: [Int]
  private let type: NPY.ElementType

  /// Opens a file that `create` has created with the same shape and type.
  public init(_ path: String, shape: [Int], type: NPY.ElementType) throws {
    file = try File(updating: path)
    header = NPY.header(shape: shape, type: type)
    self.shape = shape
    self.type = type
  }

  /// Creates the file at its full size: the header, then zeros. Only rank 0 calls it, before the
  /// other ranks open the file.
  @discardableResult
  public static func create(
    path: String, shape: [Int], type: NPY.ElementType
  ) throws -> NPYWriter {
    let file = try File(writing: path, truncating: true)
    let header = NPY.header(shape: shape, type: type)
    try header.withUnsafeBytes { try file.write($0, at: 0) }
    try file.resize(to: header.count + shape.reduce(type.bytes, *))
    return try NPYWriter(path, shape: shape, type: type)
  }

  /// Writes consecutive rows (elements if the array has one dimension), the first one as row `row`.
  public func write<T: BitwiseCopyable>(_ values: [T], atRow row: Int) throws {
    precondition(MemoryLayout<T>.size == type.bytes, "\(T.self) is no \(type)")
    try values.withUnsafeBytes { try file.write($0, at: offset(ofRow: row)) }
  }

  /// Flushes the file to stable storage.
  public func synchronize() throws { try file.synchronize() }

  /// A sequential writer that starts at row `row`.
  package func rows(from row: Int) -> BufferedWriter {
    BufferedWriter(file, at: offset(ofRow: row))
  }

  private func offset(ofRow row: Int) -> Int {
    header.count + row * shape.dropFirst().reduce(type.bytes, *)
  }
}
