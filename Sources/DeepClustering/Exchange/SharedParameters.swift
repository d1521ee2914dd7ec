import Collectives
import DenseMath
import Dispatch

/// The parameters of a network in training, their gradients and their moments, over the ranks.
///
/// Ranks of one host that may share memory hold the weights once for all of them. Each has a range
/// of the weights' rows that it sums over the ranks and updates, and holds the moments of these
/// rows only; biases are small, so every rank updates all of them. A step is `allReduceMax` at most
/// once, `startSum` for each layer, `finishSums`, `update` where the network learns, and `publish`.
final class SharedParameters {
  /// The weights and biases. Whoever wants to keep them takes a `snapshot`: a mere copy of this
  /// value would name memory that later steps write.
  private(set) var network: FeedForward
  /// This rank's gradient; after `finishSums` the sum over all ranks in `updatedRows`.
  var gradient: FeedForward
  /// The moments of each layer, of this rank's rows.
  private(set) var moments: [LayerMoments]

  let world: any Communicator
  /// The memory of this host's ranks; nil where they share none.
  let host: HostMemory?
  /// The ranks that have the same rows: one of each host.
  let acrossHosts: any Communicator
  let messages: GradientMessages?
  /// Layers whose sums are under way, and where their gradients lie.
  var started: [(layer: Int, address: UnsafePointer<Float>?)] = []
  /// The layers that the last `finishSums` summed.
  var summedLayers: [Int] = []
  /// Biases and what is beside the layers, on their way between hosts.
  var packed: [Float] = []
  /// What `mark` kept: of each layer this rank's rows of the weight, and the bias.
  private var marked: [(weight: Matrix, bias: [Float])] = []
  /// Seconds that this rank waited for others, since the last `takeCommunicationSeconds`.
  private var waited = 0.0

  /// The moments of one layer: all rows of the weight that this rank updates, and the bias.
  struct LayerMoments: Equatable {
    var weight: Moments
    var bias: Moments
  }

  /// Collective.
  ///
  /// - Parameters:
  ///   - network: The weights to start from, the same on every rank.
  ///   - sumCount: Numbers that each step sums beside the layers.
  ///   - precision: The number format of weights' gradients between hosts.
  init(
    _ network: FeedForward, optimizer: OptimizerKind, sumCount: Int,
    precision: WirePrecision = .float32, over world: any Communicator
  ) {
    self.world = world
    var (weights, gradient) = (network, network.zeros)
    let hosts = world.hosts
    host = hosts.flatMap {
      HostMemory(&weights, gradient: &gradient, sumCount: sumCount, on: $0)
    }
    self.network = weights
    self.gradient = gradient
    acrossHosts = host == nil ? world : hosts!.across
    messages =
      acrossHosts.size > 1 ? GradientMessages(precision, after: host, over: acrossHosts) : nil
    moments = []
    started.reserveCapacity(network.layers.count)
    summedLayers.reserveCapacity(network.layers.count)
    packed.reserveCapacity(network.layers.reduce(sumCount) { $0 + $1.bias.count })
    moments = network.layers.map {
      LayerMoments(
        weight: Moments(
          optimizer, count: updatedRows(of: $0.inputDimension).count * $0.outputDimension),
        bias: Moments(optimizer, count: $0.outputDimension))
    }
  }

  /// The rows of a weight, of `count`, that this rank sums and updates.
  func updatedRows(of count: Int) -> Range<Int> { host?.updatedRows(of: count) ?? 0..<count }

  /// Updates this rank's rows of the weights and all biases.
  func update(by optimizer: Optimizer, learningRate: Float, momentum: Float) {
    for l in network.layers.indices {
      let weight = gradient.layers[l].weight
      let rows = updatedRows(of: weight.rows)
      let elements = rows.lowerBound * weight.columns..<rows.upperBound * weight.columns
      weight.withUnsafeElements { g in
        network.layers[l].weight.withUnsafeMutableElements { w in
          optimizer.update(
            .init(rebasing: w[elements]), gradient: .init(rebasing: g[elements]),
            &moments[l].weight, learningRate: learningRate, momentum: momentum)
        }
      }
      gradient.layers[l].bias.withUnsafeBufferPointer { g in
        network.layers[l].bias.withUnsafeMutableBufferPointer { b in
          optimizer.update(
            b, gradient: g, &moments[l].bias, learningRate: learningRate * optimizer.biasRate,
            momentum: momentum)
        }
      }
    }
  }

  /// Ends a step: returns when all ranks of the host have updated their rows, and have read what
  /// the others summed. Collective.
  func publish() {
    timed { host?.publish(network) }
  }

  /// Forgets the moments.
  func resetMoments() {
    for l in moments.indices {
      moments[l].weight.reset()
      moments[l].bias.reset()
    }
  }

  /// A copy of the network in memory of its own, which later steps leave as it is.
  ///
  /// Between two steps any rank may take one, without the others: no rank writes weights before all
  /// ranks of its host have met in the next `finishSums`.
  func snapshot() -> FeedForward {
    precondition(started.isEmpty, "a snapshot in the middle of a step")
    var copy = network
    for l in copy.layers.indices {
      let weight = network.layers[l].weight
      copy.layers[l].weight = weight.rows(0..<weight.rows)
    }
    return copy
  }

  /// Keeps the network as it is, or one given, for `saveMarked`; every rank its rows.
  func mark(_ other: FeedForward? = nil) {
    let network = other ?? network
    if marked.isEmpty {
      marked = network.layers.map { (Matrix(rows: 0, columns: $0.outputDimension), $0.bias) }
    }
    for (l, layer) in network.layers.enumerated() {
      marked[l].weight.copy(from: layer.weight, rows: updatedRows(of: layer.inputDimension))
      for i in layer.bias.indices { marked[l].bias[i] = layer.bias[i] }
    }
  }

  /// Makes the network what `mark` kept. Collective.
  func returnToMark() {
    for (l, layer) in marked.enumerated() {
      let rows = updatedRows(of: network.layers[l].inputDimension)
      let columns = network.layers[l].outputDimension
      layer.weight.withUnsafeElements { kept in
        network.layers[l].weight.withUnsafeMutableElements {
          _ = UnsafeMutableBufferPointer(
            rebasing: $0[rows.lowerBound * columns..<rows.upperBound * columns]
          ).update(from: kept)
        }
      }
      for i in layer.bias.indices { network.layers[l].bias[i] = layer.bias[i] }
    }
    publish()
  }

  /// Seconds that this rank waited for other ranks, since the last call.
  func takeCommunicationSeconds() -> Double {
    defer { waited = 0 }
    return waited
  }

  func timed(_ body: () -> Void) {
    guard world.size > 1 else { return body() }
    let start = DispatchTime.now().uptimeNanoseconds
    body()
    waited += Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
  }
}

// MARK: State

extension SharedParameters {
  /// Adds the network and its moments to a state, each rank its rows.
  func save(to state: inout TrainingState, as name: String) {
    for (l, layer) in network.layers.enumerated() {
      let rows = updatedRows(of: layer.inputDimension)
      put(&state, name, l, layer.weight.rows(rows).elements, layer.bias, "")
      put(&state, name, l, moments[l].weight.first, moments[l].bias.first, ".first")
      if hasSecondMoments {
        put(&state, name, l, moments[l].weight.second, moments[l].bias.second, ".second")
      }
    }
  }

  /// Adds the network that `mark` kept.
  func saveMarked(to state: inout TrainingState, as name: String) {
    for (l, layer) in marked.enumerated() {
      put(&state, name, l, layer.weight.elements, layer.bias, "")
    }
  }

  /// Adds values of this rank's rows of a weight, and of a bias.
  private func put(
    _ state: inout TrainingState, _ name: String, _ l: Int, _ weight: [Float], _ bias: [Float],
    _ suffix: String
  ) {
    let columns = bias.count
    let count = network.layers[l].inputDimension
    let updated = updatedRows(of: count)
    // Ranks with the same rows hold the same values: each value is one rank's contribution.
    let mine = contributedRows(of: updated)
    let start = (mine.lowerBound - updated.lowerBound) * columns
    state.put(
      "\(name).\(l).weight\(suffix)", shape: [count, columns], rows: mine,
      Array(weight[start..<start + mine.count * columns]))
    state.putWhole("\(name).\(l).bias\(suffix)", shape: [columns], bias, isOwner: world.isRoot)
  }

  /// Takes the moments from a state; the network is what `init` was given.
  ///
  /// - Throws: `Failure` where a tensor is missing or has another shape.
  func restoreMoments(from state: TrainingState, as name: String) throws {
    for (l, layer) in network.layers.enumerated() {
      let columns = layer.outputDimension
      let rows = updatedRows(of: layer.inputDimension)
      func weight(_ suffix: String) throws -> [Float] {
        let whole = try state.whole(
          "\(name).\(l).weight\(suffix)", shape: [layer.inputDimension, columns])
        return Array(whole[rows.lowerBound * columns..<rows.upperBound * columns])
      }
      func bias(_ suffix: String) throws -> [Float] {
        try state.whole("\(name).\(l).bias\(suffix)", shape: [columns])
      }
      moments[l].weight.first = try weight(".first")
      moments[l].bias.first = try bias(".first")
      guard hasSecondMoments else { continue }
      moments[l].weight.second = try weight(".second")
      moments[l].bias.second = try bias(".second")
    }
  }

  private var hasSecondMoments: Bool { !moments[0].bias.second.isEmpty }

  /// The part of this rank's rows that it contributes to a state: all where it is on the first
  /// host, an equal share where every rank holds all rows, else none.
  private func contributedRows(of updated: Range<Int>) -> Range<Int> {
    if host != nil {
      return acrossHosts.isRoot ? updated : updated.lowerBound..<updated.lowerBound
    }
    return share(of: updated.count, part: world.rank, of: world.size)
  }
}
