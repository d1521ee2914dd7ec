import TestSupport
import XCTest

@testable import DenseMath

final class ColumnUnitsTests: XCTestCase {
  func testProductsOfWholeNumbersSumExactlyInAnyOrder() {
    let rows = 256
    let largest = ColumnUnits.largest(rows: rows)
    XCTAssertLessThanOrEqual(rows * largest * largest, 1 << 24)
    var (x, d) = (normalMatrix(rows, 6, seed: 1), normalMatrix(rows, 4, scale: 1e-5, seed: 2))
    for m in [0, 1] {
      var matrix = m == 0 ? x : d
      var maxima = [Float](repeating: 0, count: matrix.columns)
      matrix.raiseColumnMaxima(&maxima, rows: 0..<rows)
      var units = ColumnUnits(columns: matrix.columns)
      units.fit(maxima[...], largest: largest)
      units.round(&matrix, rows: 0..<rows)
      if m == 0 { x = matrix } else { d = matrix }
      XCTAssert(matrix.elements.allSatisfy { $0 == $0.rounded() && abs($0) <= Float(largest) })
    }
    var whole = Matrix(rows: 6, columns: 4)
    gemm(x, .transposed, d, .asIs, into: &whole)
    for split in [1, 85, 128, 200] {
      var (a, b) = (whole, whole)
      gemm(x.rows(0..<split), .transposed, d.rows(0..<split), .asIs, into: &a)
      gemm(x.rows(split..<rows), .transposed, d.rows(split..<rows), .asIs, into: &b)
      XCTAssertEqual(zip(a.elements, b.elements).map { $0 + $1 }, whole.elements)
    }
  }

  func testRoundingErrsByHalfAUnitAtMost() {
    var x: Matrix = [[1, -0.003], [0.3, 0.001]]
    var maxima: [Float] = [0, 0]
    x.raiseColumnMaxima(&maxima, rows: 0..<2)
    XCTAssertEqual(maxima, [1, 0.003])
    var units = ColumnUnits(columns: 2)
    units.fit(maxima[...], largest: 255)
    let before = x
    units.round(&x, rows: 0..<2)
    for (i, value) in x.elements.enumerated() {
      let unit = units.units[i % 2]
      XCTAssertEqual(value * unit, before.elements[i], accuracy: unit / 2)
    }
  }
}
