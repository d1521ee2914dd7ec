import Collectives
import Datasets
import DenseMath
import Glibc
import XCTest

@testable import SpectralClustering

/// Points of golden values, row by row, without random numbers.
struct Points {
  var rows: [Double]
  var dimension = 2
  var labels: [Int32] = []

  var count: Int { rows.count / dimension }

  func squaredDistance(_ i: Int, _ j: Int) -> Double {
    (0..<dimension).reduce(0) { sum, l in
      let difference = rows[i * dimension + l] - rows[j * dimension + l]
      return sum + difference * difference
    }
  }

  /// As a dataset of one rank.
  var data: SpectralData {
    let x = Matrix(rows: count, columns: dimension, elements: rows.map { Float($0) })
    let shard = Shard(memory: InputRows(x), range: 0..<count)
    return SpectralData(shard, rows: 0..<count, over: SoloCommunicator())
  }

  /// By all distances, in double precision.
  ///
  /// - Parameter every: Of every so many documents only.
  func neighbours(_ count: Int, every: Int = 1) -> Neighbours {
    var (indices, distances): ([Int32], [Double]) = ([], [])
    for i in stride(from: 0, to: self.count, by: every) {
      let all = (0..<self.count).filter { $0 != i }.map { (squaredDistance(i, $0), $0) }
      for (distance, j) in all.sorted(by: <).prefix(count) {
        indices.append(Int32(j))
        distances.append(distance)
      }
    }
    return Neighbours(count: count, indices: indices, squaredDistances: distances)
  }

  /// All cliques of these points.
  func forms(_ neighbours: Neighbours, size: Int) -> CliqueForms {
    CliqueForms(
      members: neighbours.cliques(of: 0..<count, size: size), size: size,
      squaredDistance: squaredDistance)
  }

  /// L of LDMGI.
  func ldmgi(size: Int, lambda: Double) -> SymmetricMatrix {
    forms(neighbours(size - 1), size: size).matrix(samples: count, lambda: lambda)
  }

  /// M of SEC.
  func sec(
    _ k: Int, mu: Double, gamma: Double = 1, weight: EdgeWeight = .binary, denseLimit: Int = 4000
  ) throws -> EigenProblem {
    var parameters = SpectralParameters(clusterCount: 2)
    parameters.neighbours = k
    var sec = SEC(parameters)
    (sec.mu, sec.gamma, sec.weight) = (mu, gamma, weight)
    let neighbours = neighbours(min(count - 1, max(k, 7)))
    return try sec.problem(
      neighbours, Components(of: neighbours, linkCount: k),
      mu > 0 ? CentredRows(dense: rows, dimension: dimension) : nil, denseLimit: denseLimit)
  }

  // MARK: Shapes

  /// G1.
  static let eight = Points(rows: [0, 0, 2, 0, 0, 1, 1, 3, 6, 0, 8, 1, 7, 3, 9, 4])

  /// G2: n points on a circle.
  static func circle(_ n: Int, radius: Double) -> Points {
    Points(
      rows: (0..<n).flatMap { j in
        let angle = 2 * Double.pi * Double(j) / Double(n)
        return [radius * cos(angle), radius * sin(angle)]
      })
  }

  /// G3.
  static let moons: Points = {
    let m = 150
    var points = Points(rows: [])
    func e(_ a: Double, _ b: Double, _ i: Int) -> Double { 0.08 * sin(a * Double(i) + b) }
    for i in 0..<m {
      let t = Double.pi * (Double(i) + 0.5) / Double(m)
      points.rows += [cos(t) + e(12.9898, 0, i), sin(t) + e(78.233, 1, i)]
    }
    for i in 0..<m {
      let t = Double.pi * (Double(i) + 0.5) / Double(m)
      points.rows += [1 - cos(t) + e(37.719, 2, i), 0.5 - sin(t) + e(93.989, 3, i)]
    }
    points.labels = (0..<2 * m).map { Int32($0 / m) }
    return points
  }()

  /// G4.
  static let rings: Points = {
    let m = 100
    var points = Points(rows: [])
    for (radius, a, b) in [(1.0, 12.9898, 0.0), (2.5, 78.233, 1), (4, 37.719, 2)] {
      for i in 0..<m {
        let t = 2 * Double.pi * Double(i) / Double(m)
        let r = radius + 0.1 * sin(a * Double(i) + b)
        points.rows += [r * cos(t), r * sin(t)]
      }
    }
    points.labels = (0..<3 * m).map { Int32($0 / m) }
    return points
  }()
}

/// The eigenvalues of a dense matrix, ascending.
func eigenvalues(_ matrix: [Double]) -> [Double] {
  symmetricEigenvectors(matrix, Int(Double(matrix.count).squareRoot())).values
}

/// Fails where a number is farther than `tolerance` from the one expected.
func assertNear(
  _ values: some Sequence<Double>, _ expected: [Double], _ tolerance: Double, _ what: String = "",
  file: StaticString = #filePath, line: UInt = #line
) {
  let values = Array(values)
  XCTAssertEqual(values.count, expected.count, what, file: file, line: line)
  for (i, (a, b)) in zip(values, expected).enumerated() {
    XCTAssertEqual(a, b, accuracy: tolerance, "\(what) \(i)", file: file, line: line)
  }
}
