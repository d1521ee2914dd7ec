import Collectives

/// The ranks of a communicator as if they were on several hosts.
final class OnHosts: Communicator {
  private let world: any Communicator
  let hosts: Hosts?

  init(_ world: any Communicator, _ hosts: Hosts?) {
    self.world = world
    self.hosts = hosts
  }

  /// Consecutive ranks are on one host, as mpirun places them by slot.
  convenience init(_ world: any Communicator, hosts: Int) {
    self.init(world, Hosts(of: world, host: world.rank * hosts / world.size))
  }

  /// The ranks on the hosts on which they are; on each number of hosts that divides them; and on
  /// hosts with different numbers of ranks.
  static func arrangements(of world: any Communicator) -> [(String, any Communicator)] {
    [("as they are", world), ("no grid", OnHosts(world, nil))]
      + (2...max(2, world.size)).filter { world.size % $0 == 0 }.map {
        ("\($0) hosts", OnHosts(world, hosts: $0))
      }
      + [("every other", OnHosts(world, Hosts(of: world, host: world.rank % 2)))]
  }

  var rank: Int { world.rank }
  var size: Int { world.size }

  func split(_ color: Int, order: Int) -> any Communicator { world.split(color, order: order) }

  func allReduce<T: Reducible>(_ values: UnsafeMutableBufferPointer<T>, by reduction: Reduction) {
    world.allReduce(values, by: reduction)
  }

  func allReduce(bfloat16 values: UnsafeMutableBufferPointer<UInt16>) {
    world.allReduce(bfloat16: values)
  }

  func broadcast(_ bytes: UnsafeMutableRawBufferPointer, from root: Int) {
    world.broadcast(bytes, from: root)
  }

  func gather(_ bytes: [UInt8]) -> [[UInt8]] { world.gather(bytes) }

  func barrier() { world.barrier() }

  func abort(_ code: Int32) -> Never { world.abort(code) }
}
