import Datasets
import DeepClustering
import FoundationEssentials
import Runs

/// The files of a run's folder.
extension Run {
  var metadata: [String: String] {
    [
      "format": "dec-model", "preset": record.preset.rawValue, "dataset": record.dataset.path,
      "dataset_fingerprint": record.dataset.fingerprint,
    ]
  }

  /// Writes a file of this run, by rank 0.
  func write(_ name: String, _ bytes: () throws -> [UInt8]) throws {
    try world.together {
      if world.isRoot { try WholeFile.write(bytes(), to: "\(folder)/\(name)") }
    }
  }

  func write(_ model: Model, to name: String) throws {
    var model = model
    model.metadata = metadata
    try write(name) { model.safetensors.bytes }
  }

  func writeRecord() throws {
    try write("run.json") {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return Array(try encoder.encode(record)) + [0x0a]
    }
  }

  /// Every rank writes its own rows.
  private func write<T: BitwiseCopyable>(
    rows values: [T], width: Int?, _ type: NPY.ElementType, to name: String
  ) throws {
    let path = "\(folder)/\(name)"
    let shape = [data.samples] + (width.map { [$0] } ?? [])
    try world.together {
      if world.isRoot { try NPYWriter.create(path: path, shape: shape, type: type) }
    }
    try world.together {
      try NPYWriter(path, shape: shape, type: type).write(
        values, atRow: data.shard.range.lowerBound)
    }
  }

  func write(_ assignments: [Int32], to name: String) throws {
    try write(rows: assignments, width: nil, .int32, to: name)
  }

  func writeResults(_ final: TargetRefresh, _ model: Model) throws {
    try write(final.assignments, to: "assignments.npy")
    let q = final.softAssignment
    try write(rows: q.elements, width: q.columns, .float32, to: "soft_assignment.npy")
    try writeEmbedding(model)

    let ids = try world.together { try dataset.ids(data.shard.range) }
    var lines = Array((world.isRoot ? "id\tcluster\tprobability\tmargin\n" : "").utf8)
    for (i, id) in ids.enumerated() {
      let row = q.row(i).sorted(by: >)
      let margin = row.count > 1 ? row[0] - row[1] : row[0]
      lines += "\(id)\t\(final.assignments[i])\t\(row[0])\t\(margin)\n".utf8
    }
    try write(parts: lines, to: "assignments.tsv")
  }

  private func writeEmbedding(_ model: Model) throws {
    let z = model.autoencoder.encoder.embed(data.shard)
    try write(rows: z.elements, width: z.columns, .float32, to: "embedding.npy")
  }

  /// Every rank writes its own part of a file, one behind the other.
  private func write(parts bytes: [UInt8], to name: String) throws {
    let counts = world.allGather(Int64(bytes.count)).map { Int($0) }
    let path = "\(folder)/\(name)"
    try world.together { if world.isRoot { try WholeFile.write([], to: path) } }
    try world.together {
      try WholeFile.write(bytes, into: path, at: counts[..<world.rank].reduce(0, +))
    }
  }
}
