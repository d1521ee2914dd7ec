import TestSupport
import XCTest

@testable import DenseMath

final class RandomTests: XCTestCase {
  func testTheSameKeyGivesTheSameNumbers() {
    var (a, b) = (RandomStream(seed: 3, .sample, 1, 2), RandomStream(seed: 3, .sample, 1, 2))
    var c = RandomStream(seed: 3, .sample, 2, 1)
    let numbers = (0..<5).map { _ in a.next() }
    XCTAssertEqual(numbers, (0..<5).map { _ in b.next() })
    XCTAssertNotEqual(numbers, (0..<5).map { _ in c.next() })
    let start = RandomStream(seed: 3, .sample, 1, 2)
    XCTAssertEqual(numbers, (0..<5).map { start.number(at: $0) })
  }

  func testNormalNumbersHaveTheirMoments() {
    var random = RandomStream(seed: 1, .sample)
    let numbers = (0..<100_000).map { _ in random.normal() }
    XCTAssertEqual(numbers.reduce(0, +) / 1e5, 0, accuracy: 0.02)
    XCTAssertEqual(numbers.reduce(0) { $0 + $1 * $1 } / 1e5, 1, accuracy: 0.03)
  }

  func testDropoutKeepsExpectationsAndItsRate() {
    var x = Matrix(rows: 50, columns: 1001, elements: [Float](repeating: 1, count: 50_050))
    Dropout(rate: 0.2, seed: 1, iteration: 4, layer: 2).apply(to: &x, documents: Array(0..<50))
    let dropped = x.elements.count { $0 == 0 }
    XCTAssertEqual(Double(dropped) / 50_050, 0.2, accuracy: 0.01)
    XCTAssert(x.elements.allSatisfy { $0 == 0 || abs($0 - 1.25) < 1e-6 })
  }

  func testAMaskBelongsToItsDocument() {
    let dropout = Dropout(rate: 0.5, seed: 1, iteration: 4, layer: 2)
    var all = Matrix(rows: 3, columns: 40, elements: [Float](repeating: 1, count: 120))
    var one = Matrix(rows: 1, columns: 40, elements: [Float](repeating: 1, count: 40))
    dropout.apply(to: &all, documents: [7, 8, 9])
    dropout.apply(to: &one, documents: [9])
    XCTAssertEqual(Array(all.row(2)), Array(one.row(0)))
    XCTAssertNotEqual(Array(all.row(1)), Array(one.row(0)))
  }

  func testSparseAndDenseInputsLoseTheSameElements() {
    let dropout = Dropout(rate: 0.5, seed: 1, iteration: 4, layer: 2)
    var sparse = sparseDocuments(20, features: 31)
    var dense = sparse.dense
    let documents = Array(100..<120)
    dropout.apply(to: &sparse, documents: documents)
    dropout.apply(to: &dense, documents: documents)
    XCTAssertEqual(sparse.dense, dense)
  }
}
