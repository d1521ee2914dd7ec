/// A row of a sparse corpus, first with its entries in input order, then sorted.
struct SparseRow {
  var indices: [Int32] = []
  var values: [Float] = []

  mutating func removeAll() {
    indices.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
  }

  mutating func append(_ index: Int32, _ value: Float) {
    indices.append(index)
    values.append(value)
  }

  /// Sorts the entries by index, adds those with the same index, and removes zeros.
  mutating func normalise() {
    var isPlain = true
    for i in indices.indices {
      isPlain = isPlain && values[i] != 0 && (i == 0 || indices[i - 1] < indices[i])
    }
    if isPlain { return }
    let order = indices.indices.sorted { (indices[$0], $0) < (indices[$1], $1) }
    var row = SparseRow()
    for i in order {
      if row.indices.last == indices[i] {
        row.values[row.values.count - 1] += values[i]
      } else {
        row.append(indices[i], values[i])
      }
    }
    removeAll()
    for (index, value) in zip(row.indices, row.values) where value != 0 { append(index, value) }
  }
}
