import Datasets
import DenseMath
import SpectralClustering

/// What a baseline leaves. All functions are collective.
extension RunWriter {
  /// The clusters of all documents: `assignments.npy`, and `assignments.tsv` with the ids that
  /// `keep` has copied.
  public func stageClusters(_ assignments: [Int32]) throws {
    try stage(assignments, as: RunFolder.Name.assignments)
    var lines = Array((world.isRoot ? "id\tcluster\n" : "").utf8)
    try world.together {
      let ids = try WholeFile.read(staging.file(RunFolder.Name.ids), idBytes)
      let names = ids.split(separator: 0x0a, omittingEmptySubsequences: false)
      for (i, cluster) in assignments.enumerated() {
        lines += names[i]
        lines += "\t\(cluster)\n".utf8
      }
    }
    try staging.write(RunFolder.Name.assignmentLines, concatenating: lines)
  }

  /// Numbers that rank 0 writes, `[numbers]`.
  public func stage(_ numbers: [Double], as name: String) throws {
    try staging.write(
      name, rows: 0..<(world.isRoot ? numbers.count : 0), shape: [numbers.count], .float64
    ) { Array(numbers[$0]) }
  }

  /// A matrix that rank 0 writes, not a row a document.
  public func stageWhole(_ matrix: Matrix, as name: String) throws {
    try staging.write(
      name, rows: 0..<(world.isRoot ? matrix.rows : 0), shape: [matrix.rows, matrix.columns],
      .float32
    ) { matrix.rows($0).elements }
  }

  /// The neighbours of all documents, which other settings can use.
  public func stage(_ neighbours: Neighbours) throws {
    let m = neighbours.count
    let part = { (range: Range<Int>) in
      (self.rows.lowerBound + range.lowerBound) * m..<(self.rows.lowerBound + range.upperBound) * m
    }
    try staging.write(RunFolder.Name.neighbours, rows: rows, shape: [samples, m], .int32) {
      Array(neighbours.indices[part($0)])
    }
    try staging.write(
      RunFolder.Name.neighbourDistances, rows: rows, shape: [samples, m], .float64
    ) { Array(neighbours.squaredDistances[part($0)]) }
  }
}

extension RunFolder {
  /// The neighbours that a run has kept; nil where it has none.
  ///
  /// - Throws: `Failure.badInput` where the files are not what the run wrote.
  public func neighbours(of record: RunRecord) throws -> Neighbours? {
    guard has(Name.neighbours), has(Name.neighbourDistances) else { return nil }
    try check(Name.neighbours, of: record)
    try check(Name.neighbourDistances, of: record)
    let (indices, distances) = (
      try NPYReader(file(Name.neighbours)), try NPYReader(file(Name.neighbourDistances))
    )
    let shape = indices.header.shape
    guard shape.count == 2, distances.header.shape == shape, indices.header.type == .int32,
      distances.header.type == .float64
    else { return nil }
    let all = 0..<indices.header.count
    return Neighbours(
      count: shape[1], indices: try indices.elements(all, as: Int32.self),
      squaredDistances: try distances.elements(all, as: Double.self))
  }
}
