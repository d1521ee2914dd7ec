import Datasets
import DenseMath

/// Synthetic sparse documents in `groups` groups; those of a group share features, and every 17th
/// document is empty.
public func sparseDocuments(
  _ count: Int, features: Int, groups: Int = 3, seed: UInt64 = 1
) -> SparseRows {
  var random = RandomStream(seed: seed, .sample)
  var rows = SparseRows(columns: features)
  for i in 0..<count {
    let group = i % groups
    var indices: [Int32] = []
    var values: [Float] = []
    for feature in 0..<features where i % 17 != 5 {
      let share = feature % groups == group ? 0.6 : 0.15
      if random.uniform() < share {
        indices.append(Int32(feature))
        values.append(Float(0.3 + 2 * random.uniform()))
      }
    }
    indices.withUnsafeBufferPointer { indices in
      values.withUnsafeBufferPointer { rows.appendRow(indices: indices, values: $0) }
    }
  }
  return rows
}

extension SparseRows {
  /// The rows as a dense matrix.
  public var dense: Matrix {
    var matrix = Matrix(rows: rows, columns: columns)
    for i in 0..<rows {
      for e in rowStarts[i]..<rowStarts[i + 1] { matrix[i, Int(indices[e])] = values[e] }
    }
    return matrix
  }

  /// The rows of `range`.
  public func rows(_ range: Range<Int>) -> SparseRows {
    var part = SparseRows(columns: columns)
    for i in range {
      let entries = rowStarts[i]..<rowStarts[i + 1]
      indices.withUnsafeBufferPointer { indices in
        values.withUnsafeBufferPointer {
          part.appendRow(
            indices: UnsafeBufferPointer(rebasing: indices[entries]),
            values: UnsafeBufferPointer(rebasing: $0[entries]))
        }
      }
    }
    return part
  }

  /// The documents of `range` as a shard of the dataset.
  public func shard(_ range: Range<Int>) -> Shard {
    Shard(memory: InputRows(rows(range)), range: range)
  }
}

/// A matrix of standard normal numbers times `scale`.
public func normalMatrix(
  _ rows: Int, _ columns: Int, scale: Double = 1, seed: UInt64
) -> Matrix {
  var random = RandomStream(seed: seed, .sample, 1)
  return Matrix(
    rows: rows, columns: columns,
    elements: (0..<rows * columns).map { _ in Float(scale * random.normal()) })
}
