/// Unsupervised clustering accuracy, Eq. 10: the share of samples whose cluster is mapped to their
/// class, under the one-to-one mapping m of clusters to classes that maximises it.
///
///     ACC = max_m Σ_i 1{l_i = m(c_i)} / n
///
/// - Returns: A number in 0...1; nil without labelled samples.
public func clusteringAccuracy(_ table: Contingency) -> Double? {
  let samples = table.samples
  guard samples > 0 else { return nil }
  let matched = classMapping(table).enumerated().reduce(Int64(0)) {
    $0 + ($1.element >= 0 ? table[$1.offset, $1.element] : 0)
  }
  return Double(matched) / Double(samples)
}

/// The class of each cluster under the mapping of Eq. 10; -1 for a cluster without a class, where
/// there are more clusters than classes.
public func classMapping(_ table: Contingency) -> [Int] {
  guard table.clusters > 0, table.classes > 0 else {
    return [Int](repeating: -1, count: table.clusters)
  }
  // The algorithm needs at most as many rows as columns.
  if table.clusters <= table.classes {
    return minimumCostAssignment(rows: table.clusters, columns: table.classes) { -table[$0, $1] }
  }
  let clusterOfClass = minimumCostAssignment(rows: table.classes, columns: table.clusters) {
    -table[$1, $0]
  }
  var mapping = [Int](repeating: -1, count: table.clusters)
  for (label, cluster) in clusterOfClass.enumerated() { mapping[cluster] = label }
  return mapping
}

/// The Hungarian algorithm (Kuhn 1955) by shortest augmenting paths with potentials,
/// O(rows² · columns).
///
/// - Parameters:
///   - rows: At most `columns`.
///   - cost: The cost of assigning a column to a row.
/// - Returns: A different column for each row, with the least total cost.
func minimumCostAssignment(
  rows: Int, columns: Int, cost: (Int, Int) -> Int64
) -> [Int] {
  precondition(rows <= columns)
  // Row and column 0 stand for "none"; real ones start at 1.
  var rowPotential = [Int64](repeating: 0, count: rows + 1)
  var columnPotential = [Int64](repeating: 0, count: columns + 1)
  var rowOfColumn = [Int](repeating: 0, count: columns + 1)
  for row in 1...max(1, rows) where rows > 0 {
    var slack = [Int64](repeating: .max, count: columns + 1)
    var previous = [Int](repeating: 0, count: columns + 1)
    var isVisited = [Bool](repeating: false, count: columns + 1)
    rowOfColumn[0] = row
    var column = 0
    repeat {
      isVisited[column] = true
      let current = rowOfColumn[column]
      var least = Int64.max
      var next = 0
      for j in 1...columns where !isVisited[j] {
        let reduced = cost(current - 1, j - 1) - rowPotential[current] - columnPotential[j]
        if reduced < slack[j] { (slack[j], previous[j]) = (reduced, column) }
        if slack[j] < least { (least, next) = (slack[j], j) }
      }
      for j in 0...columns {
        if isVisited[j] {
          rowPotential[rowOfColumn[j]] += least
          columnPotential[j] -= least
        } else if slack[j] < .max {
          slack[j] -= least
        }
      }
      column = next
    } while rowOfColumn[column] != 0
    while column != 0 {
      rowOfColumn[column] = rowOfColumn[previous[column]]
      column = previous[column]
    }
  }
  var result = [Int](repeating: -1, count: rows)
  for j in 1...columns where rowOfColumn[j] > 0 { result[rowOfColumn[j] - 1] = j - 1 }
  return result
}
