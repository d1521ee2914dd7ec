import Collectives
import Datasets
import DeepClustering
import DenseMath
import SpectralClustering
import TestSupport
import XCTest

/// The baselines at any number of ranks: what one rank finds alone.
final class SpectralTests: XCTestCase {
  private let world = World.shared
  private let samples = 307
  private let rows = sparseDocuments(307, features: 40, groups: 4)

  private func data(_ world: any Communicator, dense: Bool) -> SpectralData {
    let all = Shard(memory: dense ? InputRows(rows.dense) : InputRows(rows), range: 0..<samples)
    return SpectralData(
      all, rows: share(of: samples, part: world.rank, of: world.size), over: world)
  }

  private func neighbours(_ world: any Communicator, dense: Bool) throws -> Neighbours {
    try NeighbourSearch(count: 8).neighbours(of: data(world, dense: dense))
  }

  func testNeighboursAreTheSame() throws {
    for dense in [false, true] {
      XCTAssertEqual(
        try neighbours(world, dense: dense), try neighbours(SoloCommunicator(), dense: dense))
    }
  }

  private func parameters(_ how: Discretization) -> SpectralParameters {
    var parameters = SpectralParameters(clusterCount: 4)
    parameters.discretization = how
    parameters.restarts = 5
    return parameters
  }

  private func assertSame(
    _ how: Discretization, _ fit: (any Communicator) throws -> SpectralResult,
    line: UInt = #line
  ) throws {
    let shared = try fit(world)
    let alone = try fit(SoloCommunicator())
    let part = share(of: samples, part: world.rank, of: world.size)
    XCTAssertEqual(shared.eigenvalues, alone.eigenvalues, "\(how)", line: line)
    XCTAssertEqual(shared.embedding, alone.embedding.rows(part), "\(how)", line: line)
    XCTAssertEqual(shared.assignments, Array(alone.assignments[part]), "\(how)", line: line)
    XCTAssertEqual(shared.clusterSizes, alone.clusterSizes, "\(how)", line: line)
  }

  func testLDMGIIsTheSame() throws {
    for how in Discretization.allCases {
      try assertSame(how) { world in
        let (data, method) = (data(world, dense: true), LDMGI(parameters(how)))
        let neighbours = try neighbours(world, dense: true)
        return try method.fit(data, neighbours, CliqueForms(of: data, neighbours, size: 5))
      }
    }
  }

  func testSECIsTheSame() throws {
    for mu in [0, 0.01, 100] {
      try assertSame(.kmeans) { world in
        var method = SEC(parameters(.kmeans))
        method.mu = mu
        return try method.fit(
          data(world, dense: false), neighbours(world, dense: false))
      }
    }
  }

  /// A failure of rank 0, which alone finds the eigenvectors, is everyone's.
  func testAFailureIsEveryones() throws {
    var method = SEC(parameters(.kmeans))
    (method.mu, method.gamma) = (1, -1e12)
    XCTAssertThrowsError(
      try method.fit(data(world, dense: true), neighbours(world, dense: true)))
  }

  func testKMeansOnTheInputIsTheSame() throws {
    func fit(_ world: any Communicator, dense: Bool) throws -> KMeans.Result {
      let range = share(of: samples, part: world.rank, of: world.size)
      let part = rows.rows(range)
      let shard = Shard(memory: dense ? InputRows(part.dense) : InputRows(part), range: range)
      return try KMeans(clusterCount: 4).fit(TrainingData(shard, samples: samples, over: world))
    }
    let part = share(of: samples, part: world.rank, of: world.size)
    for dense in [false, true] {
      let (shared, alone) = (
        try fit(world, dense: dense), try fit(SoloCommunicator(), dense: dense)
      )
      XCTAssertEqual(shared.centroids, alone.centroids)
      XCTAssertEqual(shared.inertia, alone.inertia)
      XCTAssertEqual(shared.assignments, Array(alone.assignments[part]))
    }
  }
}
