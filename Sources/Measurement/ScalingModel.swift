import Glibc

/// How long a minibatch and a refresh take on R ranks, from what one rank was measured to take and from the
/// network between the hosts, L ranks a host.
///
///     step(R)    = fixed/L + rows(R) · row + exposed(R)
///     refresh(R) = n/R · document + small(R/L)
///
/// A minibatch's rows fall by R down to a tile's, where gradients are reproducible. What the ranks exchange is
/// a gradient a step (4 bytes a parameter), and k numbers a refresh. The ranks of a host have a part of the
/// parameters each, which they sum over their host, then over the others, and update. On several hosts these sums
/// are made while the products that make the other gradients are computed: that part of the step hides them.
public struct ScalingModel: Codable, Equatable, Sendable {
  /// What connects the hosts.
  public struct Network: Codable, Equatable, Sendable {
    /// Seconds that one message takes, however small.
    public var latency: Double
    /// Bytes a second, each way.
    public var bandwidth: Double

    public init(latency: Double, bandwidth: Double) {
      self.latency = latency
      self.bandwidth = bandwidth
    }

    /// Seconds of an all-reduce of `bytes` over `ranks`: the faster of a ring, 2(R−1) messages of bytes/R, and
    /// of recursive doubling, log₂R of all bytes (Thakur, Rabenseifner and Gropp 2005).
    public func allReduce(bytes: Double, ranks: Int) -> Double {
      guard ranks > 1 else { return 0 }
      let r = Double(ranks)
      let ring = 2 * (r - 1) * (latency + bytes / r / bandwidth)
      return min(ring, log2(r).rounded(.up) * (latency + bytes / bandwidth))
    }
  }

  /// A minibatch of one phase on one rank.
  public struct Step: Codable, Equatable, Sendable {
    /// Seconds whatever the rows: mostly the update.
    public var fixed: Double
    /// Seconds a document.
    public var row: Double
    /// Bytes of each sum over the hosts: the layers' gradients and what goes beside them.
    public var messages: [Double]
    /// The part of the rows' time in which messages travel.
    public var hiding: Double

    /// Of all messages.
    public var bytes: Double { messages.reduce(0, +) }

    public init(fixed: Double, row: Double, messages: [Double], hiding: Double) {
      self.fixed = fixed
      self.row = row
      self.messages = messages
      self.hiding = hiding
    }
  }

  public var finetuning: Step
  public var clustering: Step
  /// Seconds a document of a refresh.
  public var document: Double
  /// Seconds that adding another rank's gradient takes, a byte.
  public var sum: Double
  public var clusters: Int
  /// Rows below which a rank's part of a minibatch costs no less; 1 for plain gradients.
  public var tile: Int
  public var batchSize: Int
  /// L.
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

  /// Documents that the rank with the most computes of a minibatch, in whole tiles.
  public func rows(ranks: Int) -> Int {
    let most = (batchSize + ranks - 1) / ranks
    return (most + tile - 1) / tile * tile
  }

  private func hosts(ranks: Int) -> Int { (ranks + ranksPerHost - 1) / ranksPerHost }

  /// Seconds of a minibatch.
  public func seconds(_ step: Step, ranks: Int) -> Double {
    let compute = Double(rows(ranks: ranks)) * step.row
    let here = Double(min(ranks, ranksPerHost))
    let hosts = hosts(ranks: ranks)
    let sums = step.bytes * (here - 1) / here * sum
    let messages = step.messages.reduce(0) { $0 + network.allReduce(bytes: $1, ranks: hosts) }
    let exposed = hosts == 1 ? sums : max(0, sums + messages - step.hiding * compute)
    return step.fixed / here + compute + exposed
  }

  /// Seconds of a refresh of `documents`.
  public func refreshSeconds(documents: Int, ranks: Int) -> Double {
    Double(documents) / Double(ranks) * document
      + network.allReduce(bytes: 16 * Double(clusters), ranks: hosts(ranks: ranks))
  }
}
