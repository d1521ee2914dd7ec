import Collectives
import Datasets
import DeepClustering
import DenseMath
import Diagnostics

/// Measures the steps of each phase, a refresh, and k-means, as the training commands run them.
struct BenchSteps {
  let documents: Int
  let iterations: Int
  let preset: Preset
  let table: BenchTable
  let products: BenchProducts
  /// The widths of the paper for all presets, so that the matrix shapes are those of `products`.
  private let layers = [500, 500, 2000, 10]
  private var world: any Communicator { table.world }

  init(
    _ documents: Int, _ iterations: Int, _ preset: Preset, _ table: BenchTable,
    _ products: BenchProducts
  ) {
    self.documents = documents
    self.iterations = iterations
    self.preset = preset
    self.table = table
    self.products = products
  }

  func run() throws {
    ProductTime.isMeasured = true
    defer { ProductTime.isMeasured = false }
    let autoencoder = try pretraining()
    let encoder = autoencoder.encoder
    let mu = centroids(encoder)
    let all = data(documents)
    var inside: [Double] = []
    let pass = table.time(5) {
      _ = ProductTime.take()
      _ = TargetRefresh(of: all, through: encoder, centroids: mu)
      inside.append(ProductTime.take())
    }
    // The time of the products alone, at the shapes of this rank's minibatches.
    let gemms =
      products.seconds(products.batch, 500, 500) + products.seconds(products.batch, 500, 2000)
      + products.seconds(products.batch, 2000, 10)
    let ideal = gemms * Double(documents) / Double(products.batch * world.size)
    table.add(
      "refresh of \(documents)", pass,
      [("documents_per_second", Double(documents) / pass)]
        + shares(pass, gemms: ideal, inside: inside.sorted()[3]))
    try clustering(encoder, mu)
    try kMeans()
  }

  private func data(_ count: Int) -> TrainingData {
    let range = Lanes(
      samples: count, batchSize: 256, rank: world.rank, of: world.size
    ).documents
    return TrainingData(
      Shard(memory: InputRows(benchRows(range)), range: range), samples: count, over: world)
  }

  private func pretraining() throws -> Autoencoder {
    let count = 4096
    var parameters = preset.pretraining(samples: count, kind: .text)
    parameters.layers = layers
    parameters.layerwiseIterations = iterations
    parameters.finetuneIterations = iterations
    var times: [String: [Double]] = [:]
    var inside: [String: [Double]] = [:]
    var names: [String] = []
    let watch = EventObserver { event in
      let name = event.progress.phase.name
      if times[name] == nil { names.append(name) }
      times[name, default: []].append(Clock.seconds)
      inside[name, default: []].append(ProductTime.take())
    }
    let result = try Pretraining(parameters).fit(to: data(count), observers: [watch])
    let widths = [2000] + layers
    for (stage, name) in names.enumerated() {
      let time = median(times[name]!) / 50
      var gemms = 0.0
      if stage < 4 {
        let (from, to) = (widths[stage], widths[stage + 1])
        gemms = stage == 0 ? 0 : weights(from, to)
        gemms += products.training(to, from)
      } else {
        for (from, to) in zip(widths, widths.dropFirst()) {
          gemms += (from == 2000 && to == 500 ? 0 : products.training(from, to))
          gemms += products.training(to, from)
        }
      }
      table.add(
        "step of \(name)", time,
        [("per_second", 1 / time)]
          + shares(time, gemms: gemms, inside: inside[name]!.last! / 50))
    }
    return result
  }

  /// The time of the forward product and the weight gradient of a stage's first layer, which needs
  /// no input gradient.
  private func weights(_ from: Int, _ to: Int) -> Double {
    products.seconds(products.batch, from, to)
      + products.seconds(from, products.batch, to, .transposed)
  }

  private func clustering(_ encoder: FeedForward, _ mu: Matrix) throws {
    let count = 2048
    let small = data(count)
    var refreshInside = 0.0
    let refresh = table.time {
      _ = ProductTime.take()
      _ = TargetRefresh(of: small, through: encoder, centroids: mu)
      refreshInside = ProductTime.take()
    }
    var parameters = preset.clustering(clusterCount: mu.rows, samples: count, kind: .text)
    parameters.targetUpdateInterval = 50
    parameters.maxIterations = iterations
    parameters.labelChangeTolerance = 0
    var times: [Double] = []
    var inside = 0.0
    var (network, centroids) = (encoder, mu)
    let watch = EventObserver { _ in
      times.append(Clock.seconds)
      inside = ProductTime.take()
    }
    _ = try ClusteringPhase(parameters).fit(&network, &centroids, to: small, observers: [watch])
    // One refresh and 50 steps take place between two events.
    let time = max(1e-9, median(times) - refresh) / 50
    let gemms =
      products.training(500, 500) + products.training(500, 2000) + products.training(2000, 10)
    table.add(
      "step of kl", time,
      [("per_second", 1 / time)]
        + shares(time, gemms: gemms, inside: (inside - refreshInside) / 50))
  }

  private func kMeans() throws {
    let range = share(of: documents, part: world.rank, of: world.size)
    var random = RandomStream(seed: 3, .sample, world.rank)
    var z = Matrix(rows: range.count, columns: 10)
    z.withUnsafeMutableElements {
      for i in $0.indices {
        $0[i] = Float(random.normal() + Double(3 * ((i / 10 * 7 + i % 10) % 4)))
      }
    }
    var means = KMeans(clusterCount: 4)
    means.restarts = 20
    var times: [Double] = []
    for _ in 0..<3 {
      world.barrier()
      let start = Clock.seconds
      _ = try means.fit(z, first: range.lowerBound, samples: documents, over: world)
      times.append(world.allReduce(Clock.seconds - start, by: .maximum))
    }
    table.add("k-means of \(documents) x 10, k = 4, 20 restarts", times.sorted()[1])
  }

  /// Two percentages of the time of a step: the time that its products take when measured alone
  /// (`gemms`), and the time that the threads of this rank spent in products (`inside`).
  private func shares(
    _ time: Double, gemms: Double, inside: Double
  ) -> [(String, Double)] {
    [
      ("percent_of_sgemm", 100 * gemms / time),
      ("percent_in_sgemm", 100 * inside / Double(Threads.count) / time),
    ]
  }

  /// The codes of the first four documents, the same on every rank.
  private func centroids(_ encoder: FeedForward) -> Matrix {
    encoder.embed(Shard(memory: InputRows(benchRows(0..<4)), range: 0..<4))
  }

  /// The median of the differences between successive times, on the slowest rank. Collective.
  private func median(_ times: [Double]) -> Double {
    let differences = zip(times, times.dropFirst()).map { $1 - $0 }.sorted()
    return world.allReduce(differences[differences.count / 2], by: .maximum)
  }
}
