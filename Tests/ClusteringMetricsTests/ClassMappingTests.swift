import ClusteringMetrics
import XCTest

final class ClassMappingTests: XCTestCase {
  func testRandomTablesAgainstEveryMatching() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<400 {
      let rows = Int.random(in: 1...6, using: &random)
      let columns = Int.random(in: 1...6, using: &random)
      // Few distinct values, which give many ties, and sometimes large ones.
      let top = Bool.random(using: &random) ? 4 : 1_000_000_000
      let weights = (0..<rows * columns).map { _ in Int.random(in: 0...top, using: &random) }
      let matching = mapping(weights, rows, columns)
      XCTAssertEqual(matching.count, rows)
      let matched = matching.filter { $0 >= 0 }
      XCTAssertEqual(matched.count, min(rows, columns))
      XCTAssertEqual(Set(matched).count, matched.count, "a column serves two rows")
      let value = matching.enumerated().reduce(0) {
        $1.element < 0 ? $0 : $0 + weights[$1.offset * columns + $1.element]
      }
      XCTAssertEqual(value, best(weights, rows, columns), "\(rows)x\(columns) \(weights)")
    }
  }

  func testGreedyIsNotEnough() {
    // A greedy choice of 10 leaves 0; the best sum is 9 + 9.
    XCTAssertEqual(mapping([10, 9, 9, 0], 2, 2), [1, 0])
  }

  func testEmptyTables() {
    XCTAssertEqual(mapping([], 0, 3), [])
    XCTAssertEqual(mapping([], 2, 0), [-1, -1])
  }

  func testAThousandClusters() {
    let n = 1000
    var random = SystemRandomNumberGenerator()
    let order = (0..<n).shuffled(using: &random)
    var weights = (0..<n * n).map { _ in Int.random(in: 0...9, using: &random) }
    for i in 0..<n { weights[i * n + order[i]] = 10 }
    XCTAssertEqual(mapping(weights, n, n), order)
  }

  private func mapping(_ counts: [Int], _ clusters: Int, _ classes: Int) -> [Int] {
    var table = Contingency(clusters: clusters, classes: classes)
    table.counts = counts.map { Int64($0) }
    return classMapping(table)
  }

  /// The best sum over all matchings, by trying each: row `row` takes any free column, or none
  /// where there are more rows than columns.
  private func best(_ weights: [Int], _ rows: Int, _ columns: Int) -> Int {
    func from(_ row: Int, _ used: Int) -> Int {
      guard row < rows else { return 0 }
      var value = from(row + 1, used)
      for j in 0..<columns where used >> j & 1 == 0 {
        value = max(value, weights[row * columns + j] + from(row + 1, used | 1 << j))
      }
      return value
    }
    return from(0, 0)
  }
}
