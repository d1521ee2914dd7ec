import TestSupport
import XCTest

@testable import DenseMath

final class ProductTests: XCTestCase {
  private func plain(_ a: Matrix, _ b: Matrix) -> Matrix {
    var c = Matrix(rows: a.rows, columns: b.columns)
    for i in 0..<a.rows {
      for j in 0..<b.columns {
        c[i, j] = (0..<a.columns).reduce(Float(0)) { $0 + a[i, $1] * b[$1, j] }
      }
    }
    return c
  }

  func testGEMMReadsItsFactorsAsTold() {
    let (a, b) = (normalMatrix(5, 7, seed: 1), normalMatrix(7, 3, seed: 2))
    let expected = plain(a, b)
    for (x, readX) in [(a, Reading.asIs), (a.transposed(), .transposed)] {
      for (y, readY) in [(b, Reading.asIs), (b.transposed(), .transposed)] {
        var c = Matrix(rows: 5, columns: 3)
        gemm(x, readX, y, readY, into: &c)
        assertClose(c, expected, relativeTolerance: 1e-6)
      }
    }
  }

  func testGEMMAddsAndScales() {
    var c: Matrix = [[1, 2], [3, 4]]
    gemm([[1, 1]], .transposed, [[1, 2]], .asIs, scale: 2, into: &c, adding: true)
    XCTAssertEqual(c, [[3, 6], [5, 8]])
  }

  func testTiledGEMMIsGEMM() {
    let (a, b) = (normalMatrix(128, 30, seed: 3), normalMatrix(30, 20, seed: 4))
    var (c, d) = (Matrix(rows: 128, columns: 20), Matrix(rows: 128, columns: 20))
    gemm(a, .asIs, b, .asIs, into: &c)
    gemm(a, b, .asIs, adding: false, tile: 64, into: &d)
    assertClose(d, c, relativeTolerance: 1e-6)
    gemm(a, b.transposed(), .transposed, adding: true, tile: 64, into: &d)
    c.scale(by: 2)
    assertClose(d, c, relativeTolerance: 1e-6)
  }

  func testARowsBitsDoNotDependOnTheOtherRowsOfItsTile() {
    let (a, b) = (normalMatrix(64, 500, seed: 5), normalMatrix(500, 40, seed: 6))
    var alone = Matrix(rows: 64, columns: 500)
    for c in 0..<500 { alone[17, c] = a[17, c] }
    var (all, one) = (Matrix(rows: 64, columns: 40), Matrix(rows: 64, columns: 40))
    gemm(a, b, .asIs, adding: false, tile: 64, into: &all)
    gemm(alone, b, .asIs, adding: false, tile: 64, into: &one)
    XCTAssertEqual(Array(all.row(17)), Array(one.row(17)))
  }

  func testSparseProductsAreTheDenseOnes() {
    let x = sparseDocuments(40, features: 23)
    let w = normalMatrix(23, 11, seed: 7)
    let bias = normalMatrix(1, 11, seed: 8).elements
    var y = Matrix(rows: 40, columns: 11)
    multiply(x, w, bias: bias, into: &y)
    var expected = Matrix(rows: 40, columns: 11)
    expected.fillRows(with: bias)
    gemm(x.dense, .asIs, w, .asIs, into: &expected, adding: true)
    assertClose(y, expected, relativeTolerance: 1e-6)

    var (dw, plain) = (Matrix(rows: 23, columns: 11), Matrix(rows: 23, columns: 11))
    multiplyTransposed(x, y, into: &dw)
    gemm(x.dense, .transposed, y, .asIs, into: &plain)
    assertClose(dw, plain, relativeTolerance: 1e-6)
  }

  func testThreadsDoNotChangeBits() {
    let x = sparseDocuments(200, features: 50)
    let w = normalMatrix(50, 300, seed: 9)
    func run() -> [Float] {
      var y = Matrix(rows: 200, columns: 300)
      multiply(x, w, bias: [Float](repeating: 0, count: 300), into: &y)
      var dw = Matrix(rows: 50, columns: 300)
      multiplyTransposed(x, y, into: &dw)
      return y.elements + dw.elements
    }
    let one = run()
    Threads.use(3)
    defer { Threads.use(1) }
    XCTAssertEqual(run(), one)
  }
}
