import Diagnostics
import FoundationEssentials

/// A dataset folder: `dec prepare` writes it, and each rank reads its own shard of it.
public struct DatasetFolder: Sendable {
  public let path: String
  public let info: DatasetInfo

  static let infoName = "dataset.json"
  static let fileNames = [
    infoName, "indptr.npy", "indices.npy", "data.npy", "dense.npy", "labels.npy", "ids.txt",
    "vocabulary.tsv", openings, openingOffsets, words,
  ]

  static func isOurs(_ name: String) -> Bool { fileNames.contains(name) }

  /// Reads `dataset.json`, and checks that the files it lists exist, with the sizes and shapes that
  /// it gives. `verify` checks their bytes, and opening a shard validates its rows.
  public init(opening path: String) throws {
    self.path = path
    let infoPath = "\(path)/\(Self.infoName)"
    guard File.isFolder(path), File.exists(infoPath) else {
      let found =
        !File.exists(path)
        ? "does not exist"
        : File.exists("\(path)/run.json")
          ? "is a run folder, not a dataset" : "is no dataset folder: it has no dataset.json"
      throw Failure.io(path, found, hint: "make one with dec prepare")
    }
    info = try Self.readInfo(infoPath)
    try checkShape(infoPath)
    try checkFiles(infoPath)
  }

  private static func readInfo(_ path: String) throws -> DatasetInfo {
    do {
      return try JSONDecoder().decode(DatasetInfo.self, from: Data(File.contents(of: path)))
    } catch let failure as Failure {
      throw failure
    } catch {
      let reason =
        switch error as? DecodingError {
        case .keyNotFound(let key, _): "has no \"\(key.stringValue)\""
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
          "has a \"\(context.codingPath.map(\.stringValue).joined(separator: "."))\" of another kind"
        default: "is not the JSON of a dataset"
        }
      throw Failure.badInput(path, reason, hint: "prepare the dataset again")
    }
  }

  private func checkShape(_ path: String) throws {
    guard info.format == DatasetInfo.format, info.version == DatasetInfo.version else {
      throw Failure.badInput(
        path, "is format \"\(info.format)\", version \(info.version)",
        hint: "this dec reads \"\(DatasetInfo.format)\", version \(DatasetInfo.version)")
    }
    guard info.samples > 0, info.samples < 1 << 40, (1..<1 << 31).contains(info.features),
      info.nonzeros >= 0, info.nonzeros < 1 << 48
    else {
      throw Failure.badInput(
        path, "says \(info.samples) samples, \(info.features) features, \(info.nonzeros) nonzeros",
        hint: "prepare the dataset again")
    }
    guard let picture = info.picture else { return }
    // By division: a product of what a damaged file says may overflow.
    guard info.layout == .dense, picture.height > 0, picture.width > 0,
      info.features % picture.width == 0, info.features / picture.width == picture.height
    else {
      throw Failure.badInput(
        path,
        "says pictures of \(picture.height) x \(picture.width) pixels in rows of "
          + "\(info.features) features, \(info.layout)", hint: "prepare the dataset again")
    }
  }

  private func checkFiles(_ infoPath: String) throws {
    for (name, expected) in info.files.sorted(by: { $0.key < $1.key }) {
      guard Self.isOurs(name), name != Self.infoName else {
        throw Failure.badInput(infoPath, "names a file \"\(name)\" that no dataset has")
      }
      guard File.exists(file(name)) else {
        throw Failure.badInput(file(name), "is missing", hint: "prepare the dataset again")
      }
      let size = try File(reading: file(name)).size
      guard size == expected.bytes else {
        throw Failure.badInput(
          file(name), "has \(size) bytes where dataset.json says \(expected.bytes)",
          hint: "prepare the dataset again")
      }
    }
    let n = info.samples
    switch info.layout {
    case .csr:
      try check("indptr.npy", .int64, [n + 1])
      try check("indices.npy", .int32, [info.nonzeros])
      try check("data.npy", .float32, [info.nonzeros])
    case .dense:
      try check("dense.npy", .float32, [n, info.features])
    }
    if info.files["labels.npy"] != nil { try check("labels.npy", .int32, [n]) }
    guard info.files["ids.txt"] != nil else {
      throw Failure.badInput(infoPath, "lists no ids.txt", hint: "prepare the dataset again")
    }
  }

  private func check(_ name: String, _ type: NPY.ElementType, _ shape: [Int]) throws {
    guard info.files[name] != nil else {
      throw Failure.badInput(
        "\(path)/\(Self.infoName)", "lists no \(name)", hint: "prepare the dataset again")
    }
    let header = try NPYReader(file(name)).header
    guard header.type == type, header.shape == shape, !header.isFortranOrder else {
      throw Failure.badInput(
        file(name), "is \(header.type) \(header.shape), not \(type) \(shape)",
        hint: "prepare the dataset again")
    }
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }
}
