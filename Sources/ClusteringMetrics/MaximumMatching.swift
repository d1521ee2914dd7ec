/// The one-to-one matching of rows and columns with the largest sum of weights, in O(m² n) for the
/// shorter side m: the Hungarian algorithm by shortest augmenting paths (Jonker and Volgenant 1987).
///
/// Each row is brought in turn into a matching that is optimal for the rows so far. Potentials u, v
/// keep every reduced cost `cost - u - v` at or above 0, and at 0 where matched, so that Dijkstra's
/// algorithm finds the cheapest way to make room. Integers throughout: the result is exact.
///
/// - Parameters:
///   - weights: `[rows, columns]`, row after row.
///   - rows: Any number, also 0.
///   - columns: Any number, also 0; the longer side keeps some unmatched.
/// - Returns: The column of each row, -1 where it has none.
func maximumMatching(_ weights: [Int], rows: Int, columns: Int) -> [Int] {
  precondition(weights.count == rows * columns)
  guard rows > 0, columns > 0 else { return [Int](repeating: -1, count: rows) }
  guard rows > columns else {
    return inverse(
      matchColumns(weights.map { -$0 }, rows: rows, columns: columns), count: rows)
  }
  var cost = [Int](repeating: 0, count: weights.count)
  for i in 0..<rows {
    for j in 0..<columns { cost[j * rows + i] = -weights[i * columns + j] }
  }
  return matchColumns(cost, rows: columns, columns: rows)
}

/// The row of each column in the cheapest matching of all rows, -1 where it has none; rows ≤ columns.
private func matchColumns(_ cost: [Int], rows: Int, columns: Int) -> [Int] {
  var u = [Int](repeating: 0, count: rows)
  var v = [Int](repeating: 0, count: columns)
  var rowOf = [Int](repeating: -1, count: columns)
  var distance = [Int](repeating: 0, count: columns)
  var previous = [Int](repeating: -1, count: columns)
  var isReached = [Bool](repeating: false, count: columns)

  for start in 0..<rows {
    for j in 0..<columns { (distance[j], previous[j], isReached[j]) = (.max, -1, false) }
    var (row, column, length) = (start, -1, 0)
    var reached: [Int] = []
    repeat {
      // Relax the ways out of `row`, then go on from the nearest column not reached yet.
      var nearest = -1
      let base = row * columns
      for j in 0..<columns where !isReached[j] {
        let through = length + cost[base + j] - u[row] - v[j]
        if through < distance[j] { (distance[j], previous[j]) = (through, column) }
        if nearest < 0 || distance[j] < distance[nearest] { nearest = j }
      }
      column = nearest
      length = distance[column]
      isReached[column] = true
      reached.append(column)
      row = rowOf[column]
    } while row >= 0

    u[start] += length
    for j in reached.dropLast() {
      u[rowOf[j]] += length - distance[j]
      v[j] -= length - distance[j]
    }
    while column >= 0 {
      let before = previous[column]
      rowOf[column] = before < 0 ? start : rowOf[before]
      column = before
    }
  }
  return rowOf
}

private func inverse(_ rowOf: [Int], count: Int) -> [Int] {
  var columnOf = [Int](repeating: -1, count: count)
  for (column, row) in rowOf.enumerated() where row >= 0 { columnOf[row] = column }
  return columnOf
}
