import Diagnostics

/// Reads sparse CSR matrices that `scipy.sparse.save_npz` wrote. The indices of a row may be in any
/// order; entries with the same index are added, as scipy does.
public struct NPZReader {
  public init() {}

  /// Reads `files` in order, as one corpus.
  ///
  /// - Throws: `Failure.badInput` with file, member and row or byte.
  public func read(_ files: [String], _ scratch: Scratch) throws -> NumericCorpus {
    let store = try SparseStore(scratch)
    for path in files { try read(path, scratch, store) }
    guard store.count > 0 else {
      throw Failure.badInput(files.joined(separator: " "), "holds no documents")
    }
    return NumericCorpus(.sparse(store))
  }

  private func read(_ path: String, _ scratch: Scratch, _ store: SparseStore) throws {
    let archive = try ZIPArchive(WholeInput(path, scratch), scratch)
    func contents(_ name: String) throws -> (bytes: UnsafeRawBufferPointer, owner: AnyObject) {
      guard let member = archive.members.first(where: { $0.name == "\(name).npy" }) else {
        throw Failure.badInput(
          path, "has no member \(name).npy",
          hint: "is it a matrix that scipy.sparse.save_npz wrote?")
      }
      return try archive.contents(of: member)
    }
    func array(_ name: String, integers: Bool = true) throws -> NPYArray {
      let (bytes, owner) = try contents(name)
      let array = try NPYArray(bytes, owner: owner, path: "\(path): \(name).npy")
      guard array.header.shape.count == 1, !integers || array.isInteger else {
        throw Failure.badInput(
          array.path, "is \(array.header.type) \(array.header.shape)",
          hint: integers ? "a row of integers is wanted" : "a row of numbers is wanted")
      }
      return array
    }
    let member = try contents("format")
    let format = try withExtendedLifetime(member.owner) { try Self.format(member.bytes, path) }
    guard format == "csr" else {
      throw Failure.badInput(
        path, "is a matrix in the format \(format)", hint: "save matrix.tocsr() instead")
    }
    let shape = try array("shape")
    guard shape.count == 2 else {
      throw Failure.badInput(path, "has \(shape.count) dimensions", hint: "[n, d] is wanted")
    }
    let (n, d) = (shape.integer(0), shape.integer(1))
    guard n >= 0, (1..<Int(Int32.max)).contains(d), store.features == 0 || store.features == d
    else {
      throw Failure.badInput(
        path, "is a matrix of \(n) x \(d)",
        hint: store.features == 0 ? nil : "the file before has \(store.features) features")
    }
    store.features = d
    try addRows(
      path, n, d, indptr: array("indptr"), indices: array("indices"),
      data: array("data", integers: false), store)
  }

  private func addRows(
    _ path: String, _ n: Int, _ d: Int, indptr: NPYArray, indices: NPYArray, data: NPYArray,
    _ store: SparseStore
  ) throws {
    guard indptr.count - 1 == n, indptr.integer(0) == 0 else {
      throw Failure.badInput(
        indptr.path, "is no start of \(n) rows", hint: "the matrix is damaged; save it again")
    }
    guard data.count == indices.count else {
      throw Failure.badInput(
        data.path, "has \(data.count) values for \(indices.count) indices",
        hint: "the matrix is damaged; save it again")
    }
    var row = SparseRow()
    var start = 0
    for i in 0..<n {
      let end = indptr.integer(i + 1)
      guard end >= start, end <= indices.count else {
        throw Failure.badInput(
          indptr.path, at: "row \(i)", "goes from entry \(start) to \(end) of \(indices.count)",
          hint: "the matrix is damaged; save it again")
      }
      row.removeAll()
      for entry in start..<end {
        let index = indices.integer(entry)
        guard (0..<d).contains(index) else {
          throw Failure.badInput(
            indices.path, at: "row \(i), entry \(entry)", "is index \(index) of \(d) features",
            hint: "the matrix is damaged; save it again")
        }
        row.indices.append(Int32(index))
      }
      row.values = [Float](unsafeUninitializedCapacity: end - start) { buffer, count in
        count = end - start
        if count > 0 {
          data.floats(from: start, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
        }
      }
      try store.append(&row, data.path, at: "row \(i)")
      start = end
    }
  }

  /// Reads the name of the format, a scalar of bytes or text such as `|S3`.
  private static func format(_ bytes: UnsafeRawBufferPointer, _ path: String) throws -> String {
    let (descr, fields) = try NPY.parseText(bytes, path: "\(path): format.npy")
    guard ["|S", "<U"].contains(descr.prefix(2)), bytes.count - fields.dataOffset <= 64 else {
      throw Failure.badInput(path, "has a format.npy that is no text")
    }
    let letters = bytes[fields.dataOffset...].filter { (0x61...0x7a).contains($0) }
    return String(decoding: letters, as: UTF8.self)
  }
}
