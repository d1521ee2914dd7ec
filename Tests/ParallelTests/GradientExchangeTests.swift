import Collectives
import DenseMath
import XCTest

@testable import DeepClustering

final class GradientExchangeTests: XCTestCase {
  private let world = World.shared
  private let shape = [(37, 20), (20, 1), (1, 3)]

  private func network() -> FeedForward {
    FeedForward(shape.map { Dense(inputs: $0.0, outputs: $0.1, activation: .linear) })
  }

  /// Of rank r in step t, in units that floats and their sums hold exactly.
  private func value(_ i: Int, _ rank: Int, _ step: Int) -> Float {
    Float(i % 13 + 2 * step) * 0.25 + Float(rank)
  }

  /// One step: every rank's gradient is summed, and subtracted from the weights where it is this rank's part.
  private func step(
    _ step: Int, _ network: inout FeedForward, _ gradient: inout FeedForward,
    _ exchange: GradientExchange
  ) -> [Float] {
    for l in shape.indices.reversed() {
      gradient.layers[l].weight.withUnsafeMutableElements {
        for i in $0.indices { $0[i] = value(i, world.rank, step) }
      }
      for i in gradient.layers[l].bias.indices {
        gradient.layers[l].bias[i] = value(i, world.rank, step)
      }
      exchange.start(l, &gradient.layers[l])
    }
    var extras: [Float] = [1.25 + Float(world.rank), -3]
    exchange.finish(into: &gradient, extras: &extras)
    for l in shape.indices {
      for i in exchange.part(of: shape[l].0) {
        for j in 0..<shape[l].1 {
          network.layers[l].weight[i, j] -= gradient.layers[l].weight[i, j]
        }
      }
    }
    exchange.publish(network)
    return extras
  }

  func testSumsOverTheRanksAndUpdatesEveryRow() {
    for ((name, world), precision) in OnHosts.arrangements(of: world).flatMap({ world in
      WirePrecision.allCases.map { (world, $0) }
    }) {
      var network = network()
      var gradient = network.zeros
      let exchange = GradientExchange(
        &network, gradient: &gradient, extras: 2, precision: precision, over: world)
      let (n, ranks) = (Float(world.size), Float(world.size * (world.size - 1) / 2))
      for step in 0..<3 {
        let extras = self.step(step, &network, &gradient, exchange)
        XCTAssertEqual(extras, [n * 1.25 + ranks, -3 * n], name)
        for l in shape.indices {
          for (i, bias) in gradient.layers[l].bias.enumerated() {
            XCTAssertEqual(bias, n * value(i, 0, step) + ranks, name)
          }
        }
      }
      exchange.release(&network)
      for l in shape.indices {
        for (i, weight) in network.layers[l].weight.elements.enumerated() {
          let sum = (0..<3).reduce(Float(0)) { $0 + n * value(i, 0, $1) + ranks }
          XCTAssertEqual(weight, -sum, "\(precision) \(name)")
        }
      }
    }
  }

  func testParts() {
    for hosts in 1...world.size where world.size % hosts == 0 {
      var network = network()
      var gradient = network.zeros
      let exchange = GradientExchange(
        &network, gradient: &gradient, extras: 1, over: OnHosts(world, hosts: hosts))
      // The ranks of a host share out the rows.
      let places = world.size / hosts
      XCTAssertEqual(exchange.part(of: 37), share(of: 37, part: world.rank % places, of: places))
    }
    var network = network()
    var gradient = network.zeros
    let apart = GradientExchange(
      &network, gradient: &gradient, extras: 1, over: OnHosts(world, nil))
    XCTAssertEqual(apart.part(of: 37), 0..<37)
  }

  func testHostsAreInOneOrderForEveryPlace() throws {
    for hosts in 1...world.size where world.size % hosts == 0 {
      let places = world.size / hosts
      for byNode in [false, true] {
        let host = byNode ? world.rank % hosts : world.rank / places
        let grid = try XCTUnwrap(Hosts(of: world, host: host))
        XCTAssertEqual(grid.across.allGather(Int64(host)), (0..<hosts).map(Int64.init))
        XCTAssertEqual(grid.across.rank, host)
        let ranks = (0..<places).map { Int64(byNode ? host + $0 * hosts : host * places + $0) }
        XCTAssertEqual(grid.within.allGather(Int64(world.rank)), ranks)
      }
    }
  }

  /// Sums of 1 + 2⁻¹⁰ are not bfloat16 numbers.
  func testOnlyWhatTravelsIsRounded() {
    for (name, world) in OnHosts.arrangements(of: world) {
      var network = network()
      var gradient = network.zeros
      let exchange = GradientExchange(
        &network, gradient: &gradient, extras: 0, precision: .bf16, over: world)
      gradient.layers[0].weight.withUnsafeMutableElements { $0.update(repeating: 1 + 0x1p-10) }
      exchange.start(0, &gradient.layers[0])
      var extras: [Float] = []
      exchange.finish(into: &gradient, extras: &extras)
      let isRounded = name != "one host" && world.size > 1
      let sum = Float(world.size) * (isRounded ? 1 : 1 + 0x1p-10)
      for i in exchange.part(of: shape[0].0) {
        XCTAssertEqual(gradient.layers[0].weight[i, 3], sum, name)
      }
    }
  }

  func testUnequalHostsAreNoGrid() {
    for hosts in 1...world.size {
      let isGrid = Hosts(of: world, host: world.rank % hosts) != nil
      XCTAssertEqual(isGrid, world.size % hosts == 0)
    }
  }

  func testReleasedWeightsAreTheRanksOwn() {
    var network = network()
    var gradient = network.zeros
    let exchange = GradientExchange(&network, gradient: &gradient, extras: 1, over: world)
    _ = step(0, &network, &gradient, exchange)
    exchange.release(&network)
    // In place, as no other matrix holds this memory.
    network.layers[0].weight[0, 0] = Float(100 + world.rank)
    world.barrier()
    XCTAssertEqual(network.layers[0].weight[0, 0], Float(100 + world.rank))
  }

  func testMaximaAreOfAllRanks() {
    for (name, world) in OnHosts.arrangements(of: world) {
      var network = network()
      var gradient = network.zeros
      let exchange = GradientExchange(&network, gradient: &gradient, extras: 1, over: world)
      var values = (0..<80).map { Float(($0 + world.rank) % 80) }
      exchange.largest(&values)
      for (i, value) in values.enumerated() {
        XCTAssertEqual(value, (0..<world.size).map { Float((i + $0) % 80) }.max(), name)
      }
    }
  }

  func testSharedMemoryIsWrittenAndRead() throws {
    guard let memory = SharedMemory(bytes: 2 * 64 * world.size, on: world.hosts!) else {
      return XCTAssertEqual(world.size, 1)
    }
    let places = (0..<world.size).map { _ in memory.take(floats: 17) }
    XCTAssertEqual(places[0][16], 0)
    for round in 0..<1000 {
      places[world.rank][16] = Float(round + world.rank)
      memory.barrier()
      for rank in places.indices { XCTAssertEqual(places[rank][16], Float(round + rank)) }
      memory.barrier()
    }
  }
}
