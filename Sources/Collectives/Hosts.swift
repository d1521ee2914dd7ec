/// The ranks of a job as a grid: every host has the same number of places.
public struct Hosts {
  /// The ranks of this rank's host.
  public let within: any Communicator
  /// The ranks of this rank's place on all hosts, in the same order of hosts for every place.
  public let across: any Communicator

  init(within: any Communicator, across: any Communicator) {
    self.within = within
    self.across = across
  }

  /// - Parameter host: A number that the ranks of a host have in common. Collective.
  /// - Returns: nil, on all ranks, where hosts have different numbers of ranks.
  public init?(of world: any Communicator, host: Int) {
    let all = world.allGather(Int64(host)).map(Int.init)
    let counts = all.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    guard Set(counts.values).count == 1 else { return nil }
    within = world.split(host, order: world.rank)
    across = world.split(within.rank, order: host)
  }
}
