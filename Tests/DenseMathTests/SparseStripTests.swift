import TestSupport
import XCTest

@testable import DenseMath

final class SparseStripTests: XCTestCase {
  /// 64 + 8 + 4 columns: strips of every width, with ReLU.
  func testEveryStripIsTheDenseProduct() {
    let x = sparseDocuments(40, features: 23)
    let w = normalMatrix(23, 76, seed: 17)
    let bias = normalMatrix(1, 76, seed: 18).elements
    var (y, expected) = (Matrix(rows: 40, columns: 76), Matrix(rows: 40, columns: 76))
    multiply(x, w, bias: bias, rectified: true, into: &y)
    expected.fillRows(with: bias)
    gemm(x.dense, .asIs, w, .asIs, into: &expected, adding: true)
    expected.rectify()
    assertClose(y, expected, relativeTolerance: 1e-6)

    var (dw, plain) = (Matrix(rows: 23, columns: 76), Matrix(rows: 23, columns: 76))
    multiplyTransposed(x, y, into: &dw)
    gemm(x.dense, .transposed, y, .asIs, into: &plain)
    assertClose(dw, plain, relativeTolerance: 1e-6)
  }

  func testRowsWithoutEntriesAreTheBias() {
    var x = SparseRows(columns: 5)
    x.appendEmptyRow()
    let bias = normalMatrix(1, 70, seed: 3).elements
    var y = Matrix(rows: 1, columns: 70)
    multiply(x, normalMatrix(5, 70, seed: 4), bias: bias, into: &y)
    XCTAssertEqual(y.elements, bias)
  }
}
