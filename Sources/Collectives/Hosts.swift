/// The ranks of a job as a grid of hosts and local ranks: every host has the same number of ranks.
public struct Hosts {
  /// The ranks of this rank's host, ranked by their global rank.
  public let within: any Communicator
  /// The ranks with this rank's local rank on all hosts, in the same order of hosts for every local
  /// rank.
  public let across: any Communicator

  init(within: any Communicator, across: any Communicator) {
    self.within = within
    self.across = across
  }

  /// Groups the ranks of `world` by host. Collective.
  ///
  /// - Parameter host: A number that the ranks of a host, and no others, have in common.
  /// - Returns: nil, on all ranks, where hosts have different numbers of ranks.
  public init?(of world: any Communicator, host: Int) {
    let all = world.allGather(Int64(host)).map(Int.init)
    let counts = all.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    guard Set(counts.values).count == 1 else { return nil }
    within = world.split(host, order: world.rank)
    across = world.split(within.rank, order: host)
  }
}
