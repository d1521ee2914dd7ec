import CHost
import Collectives
import Datasets
import DeepClustering
import DenseMath

/// An estimate of the time and the memory of a run of the default preset, by the scaling model.
/// Times are nil without a model: of a network that is too large to be measured at once.
package struct RunEstimate: Encodable, Equatable {
  /// The number of ranks, R.
  package var ranks: Int
  /// Memory of each rank, in bytes.
  package var memoryBytes: Int
  /// Seconds of a refresh: one pass of the corpus through the encoder.
  package var refreshSeconds: Double?
  /// Seconds of the layerwise stages and finetuning.
  package var pretrainingSeconds: Double?
  /// Seconds of one epoch of minibatches of the KL phase, and a refresh.
  package var epochSeconds: Double?

  enum CodingKeys: String, CodingKey {
    case ranks
    case memoryBytes = "memory_bytes"
    case refreshSeconds = "refresh_seconds"
    case pretrainingSeconds = "pretraining_seconds"
    case epochSeconds = "epoch_seconds"
  }

  package init(
    _ summary: DatasetSummary, _ model: ScalingModel?, ranks: Int, ranksPerHost: Int
  ) {
    let n = summary.documents
    let settings = Preset.default.pretraining(samples: n, kind: CorpusKind(summary))
    self.ranks = ranks
    // Besides what it allocates, a rank has its rows in the page cache.
    memoryBytes = Int(
      MemoryEstimate(summary).bytes(moments: 2, ranks: ranks, ranksPerHost: ranksPerHost)
        + Double(summary.bytes) / Double(ranks))
    guard let model else { return }
    let refresh = model.refreshSeconds(documents: n, ranks: ranks)
    refreshSeconds = refresh
    // The layerwise stages each train a different part of the network, so one iteration of all
    // stages costs about as much as one of finetuning.
    let iterations = Double(settings.finetuneIterations + settings.layerwiseIterations)
    pretrainingSeconds = iterations * model.seconds(model.finetuning, ranks: ranks)
    let epoch = max(1, Double(n) / Double(settings.batchSize))
    epochSeconds = epoch * model.seconds(model.clustering, ranks: ranks) + refresh
  }
}

extension MemoryEstimate {
  /// A run of the default preset, with any number of clusters.
  package init(_ summary: DatasetSummary) {
    let settings = Preset.default.pretraining(
      samples: summary.documents, kind: CorpusKind(summary))
    self.init(
      samples: summary.documents, features: summary.features, layers: settings.layers)
  }

  /// Whether steps of such a network take no more than some seconds: below 2^25 parameters.
  package var isQuicklyMeasured: Bool { parameterBytes < 4 * 0x1p25 }
}

extension ScalingModel {
  /// Measures steps of the default preset and a refresh on this rank, with documents of `dataset`.
  /// It takes a few seconds.
  package init(
    measuring dataset: DatasetFolder, _ summary: DatasetSummary, ranksPerHost: Int, network: Network
  ) throws {
    let kind = CorpusKind(summary)
    let n = summary.documents
    var pretraining = Preset.default.pretraining(samples: n, kind: kind)
    pretraining.layerwiseIterations = 0
    pretraining.finetuneIterations = 6
    // At rate 0 no dataset can make training diverge.
    pretraining.learningRate = 0
    var clustering = Preset.default.clustering(clusterCount: 4, samples: n, kind: kind)
    clustering.maxIterations = 6
    clustering.learningRate = 0
    clustering.targetUpdateInterval = 6
    clustering.labelChangeTolerance = 0
    let shard = try dataset.shard(0..<min(n, 1024 * Threads.count))
    let start = Autoencoder(
      inputs: summary.features, widths: pretraining.layers, initialization: .glorot, seed: 0)
    let data = TrainingData(shard, samples: shard.range.count, over: SoloCommunicator())

    func seconds(_ body: () throws -> Void) rethrows -> Double {
      try body()
      let start = chost_now()
      try body()
      return Double(chost_now() - start) * 1e-9
    }
    let z = start.encoder.embed(shard)
    let document = seconds { _ = start.encoder.embed(shard) } / Double(shard.range.count)
    let mu = z.rows(0..<min(4, z.rows))
    clustering.clusterCount = mu.rows

    // The times of a whole minibatch and of a quarter of one separate the fixed time from that of
    // rows.
    func step(_ network: FeedForward, hiding: Double, _ run: (Int) throws -> Void) rethrows -> Step
    {
      let whole = min(pretraining.batchSize, shard.range.count)
      let quarter = max(1, whole / 4)
      let times = try [whole, quarter].map { size in try seconds { try run(size) } / 6 }
      let row = max(1e-9, (times[0] - times[1]) / Double(max(1, whole - quarter)))
      var messages = network.layers.map { 4 * Double($0.weight.count) }
      // The biases and the loss; for reproducible gradients also the maximum of each column.
      messages.append(4 * Double(network.layers.reduce(1) { $0 + $1.bias.count }))
      if pretraining.isReproducible {
        messages.append(
          4 * Double(network.layers.reduce(0) { $0 + $1.inputDimension + $1.outputDimension }))
      }
      return Step(
        fixed: max(0, times[0] - row * Double(whole)), row: row, messages: messages, hiding: hiding)
    }
    // Messages start when the first gradient is computed: they overlap with a third of the
    // products.
    let finetuning = try step(start.stacked, hiding: 1 / 3) { size in
      var settings = pretraining
      settings.batchSize = size
      _ = try Pretraining(settings).fit(to: data, from: start)
    }
    let refined = try step(start.encoder, hiding: 1 / 3) { size in
      var settings = clustering
      settings.batchSize = size
      var (encoder, centroids) = (start.encoder, mu)
      _ = try ClusteringPhase(settings).fit(&encoder, &centroids, to: data)
    }
    var kl = refined
    // The measured run has six steps and two refreshes, which are subtracted.
    kl.fixed = max(0, kl.fixed - 2 * document * Double(shard.range.count) / 6)
    let gradient = start.stacked.layers.map(\.weight)
    var sums = gradient
    let sum = seconds {
      for l in gradient.indices {
        gradient[l].withUnsafeElements { gradient in
          sums[l].withUnsafeMutableElements { sum in
            nonisolated(unsafe) let (sum, gradient) = (sum, gradient)
            Threads.split(sum.count, grain: 1 << 15) { for i in $0 { sum[i] += gradient[i] } }
          }
        }
      }
    }
    self.init(
      finetuning: finetuning, clustering: kl, document: document,
      sum: sum / Double(4 * gradient.reduce(0) { $0 + $1.count }), clusters: 10,
      tile: pretraining.isReproducible ? 64 : 1, batchSize: pretraining.batchSize,
      ranksPerHost: ranksPerHost, network: network)
  }
}
