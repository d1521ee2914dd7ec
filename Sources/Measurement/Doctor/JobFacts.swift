import Collectives
import Diagnostics

/// What `dec doctor` measures of the job as a whole.
package struct JobFacts: Codable, Sendable {
  /// The ranks' facts, in rank order.
  package var ranks: [RankFacts]
  /// Whether all hosts have the same number of ranks.
  package var isEven: Bool
  /// The seconds of an all-reduce of one number.
  package var latencySeconds: Double
  /// The seconds and bytes of an all-reduce of the default model's gradients.
  package var allReduceSeconds: Double
  package var allReduceBytes: Int
  /// Why the folder for runs cannot be used by all ranks; nil where it can.
  package var folderProblem: String?
  /// Free bytes where the folder is; nil if unknown.
  package var freeDisk: Double?
  /// The networks that the user lets Open MPI use (`btl_tcp_if_include`); nil where not set.
  package var includedNetworks: String?

  package init(
    ranks: [RankFacts], isEven: Bool, latencySeconds: Double = 0, allReduceSeconds: Double = 0,
    allReduceBytes: Int = 0, folderProblem: String? = nil, freeDisk: Double? = nil,
    includedNetworks: String? = nil
  ) {
    self.ranks = ranks
    self.isEven = isEven
    self.latencySeconds = latencySeconds
    self.allReduceSeconds = allReduceSeconds
    self.allReduceBytes = allReduceBytes
    self.folderProblem = folderProblem
    self.freeDisk = freeDisk
    self.includedNetworks = includedNetworks
  }

  /// The median seconds of an all-reduce of `count` floats, on the slowest rank. Collective.
  package static func allReduceSeconds(floats count: Int, over world: any Communicator) -> Double {
    var values = [Float](repeating: 0, count: count)
    world.allReduce(&values)
    let times = (0..<7).map { _ in
      world.barrier()
      let start = Clock.seconds
      world.allReduce(&values)
      return world.allReduce(Clock.seconds - start, by: .maximum)
    }
    return times.sorted()[3]
  }
}
