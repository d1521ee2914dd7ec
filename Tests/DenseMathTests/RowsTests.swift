import DenseMath
import XCTest

final class RowsTests: XCTestCase {
  func testRowsStayWhatTheyWereWhenTheMatrixChanges() {
    var matrix: Matrix = [[1, 2], [3, 4]]
    let rows = Rows(matrix)
    matrix.withMutableRows { rows in
      for i in rows.indices { rows[i, 1] *= 10 }
      rows[1][0] = 7
    }
    XCTAssertEqual(matrix, [[1, 20], [7, 40]])
    XCTAssertEqual([rows[0, 1], rows[1][0], rows[1, 1]], [2, 3, 4])
  }

  func testTheLargestElementIsTheFirstOfEquals() {
    let rows = Rows([[0, 3, 3], [5, 1, 5], [-2, -3, -1]])
    XCTAssertEqual(rows.indices.map { rows.argmax($0) }, [1, 0, 2])
  }

  func testTilesCoverARange() {
    XCTAssertEqual(Tile.covering(0..<256), 0..<1)
    XCTAssertEqual(Tile.covering(255..<257), 0..<2)
    XCTAssertEqual(Tile.documents(2), 512..<768)
  }
}
