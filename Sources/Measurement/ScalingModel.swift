import Glibc

/// Predicts how long a minibatch and a refresh take on R ranks, L of them on each host, from times
/// that were measured on one rank and from the network between the hosts.
///
///     step(R)    = fixed/L + rows(R) · row + exposed(R)
///     refresh(R) = n/R · document + allReduce(k numbers)
///
/// `rows` is B/R, but with reproducible gradients at least one tile. In each step the ranks
/// all-reduce one gradient (4 bytes a parameter). Each rank of a host sums a share of the
/// parameters over its host, all-reduces it with the other hosts, and updates it. Between several
/// hosts, these all-reduces overlap with the products of the layers below; `exposed` is what they
/// take longer than that.
public struct ScalingModel: Codable, Equatable, Sendable {
  /// The network between the hosts.
  public struct Network: Codable, Equatable, Sendable {
    /// Seconds that the smallest message takes, one way.
    public var latency: Double
    /// Bytes a second in each direction.
    public var bandwidth: Double

    public init(latency: Double, bandwidth: Double) {
      self.latency = latency
      self.bandwidth = bandwidth
    }

    /// Seconds of an all-reduce of `bytes` over `ranks`: the faster of a ring, with 2(R−1) messages
    /// of bytes/R, and of recursive doubling, with log₂R messages of `bytes` (Thakur, Rabenseifner
    /// and Gropp 2005).
    public func allReduce(bytes: Double, ranks: Int) -> Double {
      guard ranks > 1 else { return 0 }
      let r = Double(ranks)
      let ring = 2 * (r - 1) * (latency + bytes / r / bandwidth)
      return min(ring, log2(r).rounded(.up) * (latency + bytes / bandwidth))
    }
  }

  /// The times of a minibatch of one phase on one rank.
  public struct Step: Codable, Equatable, Sendable {
    /// Seconds that do not depend on the number of rows: mostly the update.
    public var fixed: Double
    /// Seconds for each document.
    public var row: Double
    /// The bytes of each all-reduce: the gradients of the layers, and smaller sums.
    public var messages: [Double]
    /// The fraction of the rows' time, 0...1, that overlaps with messages.
    public var hiding: Double

    /// The bytes of all messages together.
    public var bytes: Double { messages.reduce(0, +) }

    public init(fixed: Double, row: Double, messages: [Double], hiding: Double) {
      self.fixed = fixed
      self.row = row
      self.messages = messages
      self.hiding = hiding
    }
  }

  /// A step of finetuning.
  public var finetuning: Step
  /// A step of the KL phase.
  public var clustering: Step
  /// Seconds for each document of a refresh.
  public var document: Double
  /// Seconds to add a byte of another rank's gradient.
  public var sum: Double
  /// k, the number of clusters.
  public var clusters: Int
  /// The rows of a tile, to whose multiples a rank's rows of a minibatch are rounded up; 1 for
  /// plain gradients.
  public var tile: Int
  /// B, the documents of a minibatch over all ranks.
  public var batchSize: Int
  /// L, the number of ranks on a host.
  public var ranksPerHost: Int
  public var network: Network

  enum CodingKeys: String, CodingKey {
    case finetuning, clustering, document, sum, clusters, tile
    case batchSize = "batch_size"
    case ranksPerHost = "ranks_per_host"
    case network
  }

  public init(
    finetuning: Step, clustering: Step, document: Double, sum: Double, clusters: Int, tile: Int,
    batchSize: Int, ranksPerHost: Int, network: Network
  ) {
    self.finetuning = finetuning
    self.clustering = clustering
    self.document = document
    self.sum = sum
    self.clusters = clusters
    self.tile = tile
    self.batchSize = batchSize
    self.ranksPerHost = ranksPerHost
    self.network = network
  }

  /// The rows of a minibatch, in whole tiles, on the rank that has the most.
  public func rows(ranks: Int) -> Int {
    let most = (batchSize + ranks - 1) / ranks
    return (most + tile - 1) / tile * tile
  }

  private func hosts(ranks: Int) -> Int { (ranks + ranksPerHost - 1) / ranksPerHost }

  /// Predicted seconds of a minibatch.
  public func seconds(_ step: Step, ranks: Int) -> Double {
    let compute = Double(rows(ranks: ranks)) * step.row
    let here = Double(min(ranks, ranksPerHost))
    let hosts = hosts(ranks: ranks)
    let sums = step.bytes * (here - 1) / here * sum
    let messages = step.messages.reduce(0) { $0 + network.allReduce(bytes: $1, ranks: hosts) }
    let exposed = hosts == 1 ? sums : max(0, sums + messages - step.hiding * compute)
    return step.fixed / here + compute + exposed
  }

  /// Predicted seconds of a refresh of `documents`, a number of documents.
  public func refreshSeconds(documents: Int, ranks: Int) -> Double {
    Double(documents) / Double(ranks) * document
      + network.allReduce(bytes: 16 * Double(clusters), ranks: hosts(ranks: ranks))
  }
}
