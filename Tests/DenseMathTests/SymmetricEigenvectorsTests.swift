import XCTest

@testable import DenseMath

final class SymmetricEigenvectorsTests: XCTestCase {
  func testAMatrixByHand() {
    // 3 along (1, 1)/√2, 1 along (1, −1)/√2.
    let (values, vectors) = symmetricEigenvectors([2, 1, 1, 2], 2)
    XCTAssertEqual(values[0], 1, accuracy: 1e-15)
    XCTAssertEqual(values[1], 3, accuracy: 1e-15)
    XCTAssertEqual(vectors[0] * vectors[1], -0.5, accuracy: 1e-15)
    XCTAssertEqual(vectors[2] * vectors[3], 0.5, accuracy: 1e-15)
    XCTAssertEqual(symmetricEigenvectors([], 0).values, [])
  }

  func testVectorsAreTurnedIntoMultiplesOfThemselves() {
    let n = 40
    let x = (0..<60 * n).map { Double(($0 * 7919) % 101) / 50 - 1 }
    let gram = gramMatrix(x, columns: n)
    for a in 0..<n {
      for b in 0..<n {
        let product = (0..<60).reduce(0) { $0 + x[$1 * n + a] * x[$1 * n + b] }
        XCTAssertEqual(gram[a * n + b], product, accuracy: 1e-11)
      }
    }
    let (values, vectors) = symmetricEigenvectors(gram, n)
    XCTAssertEqual(values, values.sorted())
    for i in 0..<n {
      let vector = Array(vectors[i * n..<(i + 1) * n])
      XCTAssertEqual(vector.reduce(0) { $0 + $1 * $1 }, 1, accuracy: 1e-12)
      for a in 0..<n {
        let turned = (0..<n).reduce(0) { $0 + gram[a * n + $1] * vector[$1] }
        XCTAssertEqual(turned, values[i] * vector[a], accuracy: 1e-10)
      }
    }
  }
}
