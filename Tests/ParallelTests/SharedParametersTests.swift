import Collectives
import DenseMath
import XCTest

@testable import DeepClustering

final class SharedParametersTests: XCTestCase {
  private let world = World.shared
  private let shape = [(37, 20), (20, 1), (1, 3)]
  private let plain = Optimizer(.sgd)

  private func parameters(
    sumCount: Int = 1, precision: WirePrecision = .float32, over world: any Communicator
  ) -> SharedParameters {
    let network = FeedForward(
      shape.map { Dense(inputs: $0.0, outputs: $0.1, activation: .linear) })
    return SharedParameters(
      network, optimizer: .sgd, sumCount: sumCount, precision: precision, over: world)
  }

  /// The gradient's element i of rank `rank` in step `step`, in units that floats and their sums
  /// hold exactly.
  private func value(_ i: Int, _ rank: Int, _ step: Int) -> Float {
    Float(i % 13 + 2 * step) * 0.25 + Float(rank)
  }

  /// One step: every rank's gradient is summed, and subtracted from the weights.
  private func step(_ step: Int, _ parameters: SharedParameters) -> [Float] {
    for l in shape.indices.reversed() {
      parameters.gradient.layers[l].weight.withUnsafeMutableElements {
        for i in $0.indices { $0[i] = value(i, world.rank, step) }
      }
      for i in parameters.gradient.layers[l].bias.indices {
        parameters.gradient.layers[l].bias[i] = value(i, world.rank, step)
      }
      parameters.startSum(l)
    }
    var sums: [Float] = [1.25 + Float(world.rank), -3]
    parameters.finishSums(beside: &sums)
    parameters.update(by: plain, learningRate: 1, momentum: 0)
    parameters.publish()
    return sums
  }

  func testSumsOverTheRanksAndUpdatesEveryRow() {
    for ((name, world), precision) in OnHosts.arrangements(of: world).flatMap({ world in
      WirePrecision.allCases.map { (world, $0) }
    }) {
      let parameters = parameters(sumCount: 2, precision: precision, over: world)
      let (n, ranks) = (Float(world.size), Float(world.size * (world.size - 1) / 2))
      for step in 0..<3 {
        XCTAssertEqual(self.step(step, parameters), [n * 1.25 + ranks, -3 * n], name)
        for l in shape.indices {
          for (i, bias) in parameters.gradient.layers[l].bias.enumerated() {
            XCTAssertEqual(bias, n * value(i, 0, step) + ranks, name)
          }
        }
      }
      for (l, layer) in parameters.snapshot().layers.enumerated() {
        for (i, weight) in layer.weight.elements.enumerated() {
          let sum = (0..<3).reduce(Float(0)) { $0 + n * value(i, 0, $1) + ranks }
          XCTAssertEqual(weight, -sum, "\(precision) \(name), layer \(l)")
        }
      }
    }
  }

  func testTheRanksOfAHostShareOutTheRows() {
    for hosts in 1...world.size where world.size % hosts == 0 {
      let parameters = parameters(over: OnHosts(world, hosts: hosts))
      // Ranks on different hosts cannot share memory, even if they are as if on one.
      let perHost = hosts % world.hosts!.across.size == 0 ? world.size / hosts : 1
      XCTAssertEqual(
        parameters.updatedRows(of: 37),
        share(of: 37, part: world.rank % perHost, of: perHost))
    }
    XCTAssertEqual(parameters(over: OnHosts(world, nil)).updatedRows(of: 37), 0..<37)
  }

  /// A snapshot is of its step, whatever the ranks do afterwards, and its memory is its own.
  func testASnapshotStaysAsItIs() {
    for (name, world) in OnHosts.arrangements(of: world) {
      let parameters = parameters(sumCount: 2, over: world)
      var snapshots = [parameters.snapshot()]
      for step in 0..<4 {
        _ = self.step(step, parameters)
        // Not all ranks at the same moment, and one rank without the others.
        if step % 2 == 0 || world.rank == 0 { snapshots.append(parameters.snapshot()) }
      }
      let (n, ranks) = (Float(world.size), Float(world.size * (world.size - 1) / 2))
      let steps = world.rank == 0 ? [0, 1, 2, 3, 4] : [0, 1, 3]
      for (snapshot, done) in zip(snapshots, steps) {
        let sum = (0..<done).reduce(Float(0)) { $0 + n * value(5, 0, $1) + ranks }
        XCTAssertEqual(snapshot.layers[0].weight.elements[5], -sum, name)
      }
      // In place, as no other matrix holds this memory.
      snapshots[0].layers[0].weight[0, 0] = Float(100 + world.rank)
      world.barrier()
      XCTAssertEqual(snapshots[0].layers[0].weight[0, 0], Float(100 + world.rank))
    }
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
      let parameters = parameters(sumCount: 0, precision: .bf16, over: world)
      parameters.gradient.layers[0].weight.withUnsafeMutableElements {
        $0.update(repeating: 1 + 0x1p-10)
      }
      parameters.startSum(0)
      parameters.finishSums()
      let isRounded = world.size > 1 && world.hosts?.across.size != 1
      let sum = Float(world.size) * (isRounded ? 1 : 1 + 0x1p-10)
      for i in parameters.updatedRows(of: shape[0].0) {
        XCTAssertEqual(parameters.gradient.layers[0].weight[i, 3], sum, name)
      }
    }
  }

  func testUnequalHostsAreNoGrid() {
    for hosts in 1...world.size {
      let isGrid = Hosts(of: world, host: world.rank % hosts) != nil
      XCTAssertEqual(isGrid, world.size % hosts == 0)
    }
  }

  func testMaximaAreOfAllRanks() {
    for (name, world) in OnHosts.arrangements(of: world) {
      let parameters = parameters(over: world)
      var values = (0..<80).map { Float(($0 + world.rank) % 80) }
      parameters.allReduceMax(&values)
      for (i, value) in values.enumerated() {
        XCTAssertEqual(value, (0..<world.size).map { Float((i + $0) % 80) }.max(), name)
      }
    }
  }

  func testSharedMemoryIsWrittenAndRead() throws {
    let host = world.hosts!.within
    guard let memory = SharedMemory(bytes: 2 * 64 * host.size, on: world.hosts!) else {
      return XCTAssertEqual(host.size, 1)
    }
    let places = (0..<host.size).map { _ in memory.take(floats: 17) }
    XCTAssertEqual(places[0][16], 0)
    for round in 0..<1000 {
      places[host.rank][16] = Float(round + host.rank)
      memory.barrier()
      for rank in places.indices { XCTAssertEqual(places[rank][16], Float(round + rank)) }
      memory.barrier()
    }
  }
}
