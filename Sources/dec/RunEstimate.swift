import Datasets
import DeepClustering
import DenseMath

/// Roughly what a run of the default preset takes of each rank.
struct RunEstimate: Encodable, Equatable {
  var ranks: Int
  var memoryBytes: Int
  /// One pass of the corpus through the encoder.
  var refreshSeconds: Double
  var pretrainingSeconds: Double
  /// The KL phase's minibatches of one epoch, and a refresh.
  var epochSeconds: Double

  enum CodingKeys: String, CodingKey {
    case ranks
    case memoryBytes = "memory_bytes"
    case refreshSeconds = "refresh_seconds"
    case pretrainingSeconds = "pretraining_seconds"
    case epochSeconds = "epoch_seconds"
  }

  /// The estimate; every term is stated here and nothing is known of the network between the ranks.
  ///
  /// - Parameter rate: Floating-point operations a second of one rank, as `measuredRate` gives it.
  init(_ summary: DatasetSummary, ranks: Int, rate: Double) {
    let n = Double(summary.documents)
    let isSparse = summary.layout == .csr
    let settings = Preset.default.pretraining(samples: summary.documents, isSparse: isSparse)
    let widths = [summary.features] + settings.layers
    let weights = zip(widths, widths.dropFirst()).reduce(0.0) { $0 + Double($1.0 * $1.1) }
    // The first layer of a sparse document costs its entries alone; the decoder's last costs all of d.
    let entries = isSparse ? summary.nonzerosPerDocument.mean : Double(summary.features)
    let first = Double(widths[0] * widths[1])
    let encode = 2 * (weights - first + entries * Double(widths[1]))
    let decode = 2 * weights
    let all = rate * Double(ranks)

    self.ranks = ranks
    refreshSeconds = n * encode / all
    // Forward, and back to inputs and weights: three times a product. Each layer's stage is its own part
    // of the network, so the stages together are one.
    let iterations = Double(settings.finetuneIterations + settings.layerwiseIterations)
    pretrainingSeconds = iterations * Double(settings.batchSize) * 3 * (encode + decode) / all
    epochSeconds = n * 4 * encode / all
    // Weights, their gradients and two moments of encoder and decoder; the rows of this rank, in the
    // page cache; code, q and assignments; 120 MB for the program, MPI and OpenBLAS.
    let perDocument = 4.0 * (2 * Double(settings.layers.last!) + 2 * 10 + 2)
    memoryBytes =
      120_000_000 + Int(4 * 4 * 2 * weights)
      + Int((Double(summary.bytes) + n * perDocument) / Double(ranks))
  }

  /// Floating-point operations a second of this process: some of the dataset's own rows through an
  /// encoder of random weights. 20 GFLOP/s are assumed where such an encoder were too large to make.
  static func measuredRate(_ dataset: DatasetFolder, _ summary: DatasetSummary) throws -> Double {
    let isSparse = summary.layout == .csr
    let widths = Preset.default.pretraining(samples: summary.documents, isSparse: isSparse).layers
    guard summary.features * widths[0] <= 1 << 25 else { return 2e10 }
    let encoder = Autoencoder(
      inputs: summary.features, widths: widths, initialization: .glorot, seed: 0
    ).encoder
    let shard = try dataset.shard(0..<min(summary.documents, 512 * Threads.count))
    _ = encoder.embed(shard)
    let start = Clock.seconds
    _ = encoder.embed(shard)
    let seconds = Clock.seconds - start
    let entries = isSparse ? summary.nonzerosPerDocument.mean : Double(summary.features)
    let pairs = zip(widths, widths.dropFirst()).reduce(0.0) { $0 + Double($1.0 * $1.1) }
    // A tile is computed whole, however few its documents.
    let rows = Double((shard.range.count + Assigner.tile - 1) / Assigner.tile * Assigner.tile)
    return rows * 2 * (pairs + entries * Double(widths[0])) / max(seconds, 1e-6)
  }
}
