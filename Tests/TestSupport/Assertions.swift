import DenseMath
import XCTest

/// ‖a − b‖ / ‖b‖ in the Euclidean norm; 0 where both are zero.
public func relativeDistance(_ a: [Double], _ b: [Double]) -> Double {
  precondition(a.count == b.count, "\(a.count) and \(b.count) values")
  let difference = zip(a, b).reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  let size = b.reduce(0.0) { $0 + $1 * $1 }.squareRoot()
  return difference == 0 ? 0 : difference / size
}

public func relativeDistance(_ a: [Float], _ b: [Float]) -> Double {
  relativeDistance(a.map(Double.init), b.map(Double.init))
}

/// Fails where the distance from a to b exceeds `relativeTolerance` times the norm of b, or a holds
/// a NaN.
public func assertClose(
  _ a: [Float], _ b: [Float], relativeTolerance: Double, _ what: String = "",
  file: StaticString = #filePath, line: UInt = #line
) {
  guard a.count == b.count else {
    return XCTFail("\(what) \(a.count) values, not \(b.count)", file: file, line: line)
  }
  let distance = relativeDistance(a, b)
  XCTAssert(
    distance <= relativeTolerance, "\(what) differs by \(distance)", file: file, line: line)
}

public func assertClose(
  _ a: Matrix, _ b: Matrix, relativeTolerance: Double, _ what: String = "",
  file: StaticString = #filePath, line: UInt = #line
) {
  XCTAssertEqual(a.rows, b.rows, what, file: file, line: line)
  XCTAssertEqual(a.columns, b.columns, what, file: file, line: line)
  assertClose(
    a.elements, b.elements, relativeTolerance: relativeTolerance, what, file: file, line: line)
}

/// The gradient of `loss` at `parameters` by central differences, in Double.
public func slope(
  at parameters: [Double], step: Double = 1e-6, _ loss: ([Double]) -> Double
) -> [Double] {
  parameters.indices.map { i in
    var (up, down) = (parameters, parameters)
    up[i] += step
    down[i] -= step
    return (loss(up) - loss(down)) / (2 * step)
  }
}
