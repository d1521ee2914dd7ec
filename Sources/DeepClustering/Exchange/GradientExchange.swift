import Collectives
import DenseMath
import Dispatch

/// What weights' gradients travel as.
public enum WirePrecision: String, Codable, Sendable, CaseIterable {
  case float32
  /// The upper half of a float: half the bytes, sums rounded to 8 bits.
  case bf16
}

/// Sums gradients over all ranks: in memory that they share on one host, by messages between hosts.
///
/// Ranks that share memory have a part of the weights' rows each, which they sum over their host, then over the
/// same ranks of the other hosts. A step is `largest` at most once, `start` for each layer, `finish`, an update of
/// `part`'s rows of the weights and of all biases, and `publish`.
final class GradientExchange {
  private let world: any Communicator
  /// Nil where ranks share no memory.
  private let shared: SharedGradients?
  /// The ranks that have the same part of the rows.
  private let between: any Communicator
  private let messages: GradientMessages?
  /// Layers whose gradients are on their way, and where these lie.
  private var started: [(layer: Int, place: UnsafePointer<Float>?)] = []
  /// Biases and extras on their way between hosts.
  private var small: [Float] = []
  /// Spent waiting, since the last `takeSeconds`.
  private var seconds = 0.0

  /// Collective. Until `release` the network's weights, and where their gradient goes, may lie in memory that the
  /// ranks share.
  ///
  /// - Parameters:
  ///   - extras: Length of what is summed beside the layers, such as the loss.
  ///   - precision: Of messages with weights' gradients.
  init(
    _ network: inout FeedForward, gradient: inout FeedForward, extras: Int,
    precision: WirePrecision = .float32, over world: any Communicator
  ) {
    self.world = world
    let hosts = world.hosts
    shared = hosts.flatMap {
      SharedGradients(&network, gradient: &gradient, extras: extras, on: $0)
    }
    between = shared == nil ? world : hosts!.across
    messages =
      between.size > 1 ? GradientMessages(precision, after: shared, over: between) : nil
    started.reserveCapacity(network.layers.count)
    small.reserveCapacity(network.layers.reduce(extras) { $0 + $1.bias.count })
  }

  /// Sums a layer's gradient; there after `finish`. Until then it is not to be touched, and this thread calls MPI
  /// for nothing else.
  func start(_ layer: Int, _ gradient: inout Dense) {
    started.append((layer, gradient.weight.withUnsafeElements(\.baseAddress)))
    shared?.put(gradient, layer)
    messages?.start(layer, &gradient.weight, rows: part(of: gradient.weight.rows))
  }

  /// Elementwise maxima over all ranks.
  func largest(_ values: inout [Float]) {
    timed {
      shared?.largest(&values)
      reduceBetween(&values, by: .maximum)
    }
  }

  /// Waits for all sums and puts them in place; of weights, `part`'s rows.
  ///
  /// - Parameters:
  ///   - gradient: What `start` had.
  ///   - sumsExtras: Whether the extras are summed, too.
  func finish(into gradient: inout FeedForward, extras: inout [Float], sumsExtras: Bool = true) {
    timed {
      if let shared, sumsExtras { shared.put(extras: extras) }
      messages?.wait()
      for (layer, place) in started {
        precondition(
          gradient.layers[layer].weight.withUnsafeElements { $0.baseAddress == place },
          "copied since it was started")
      }
      if let shared {
        shared.meet()
        for (layer, _) in started {
          if messages == nil { shared.sum(layer, onAllThreads: true) }
          shared.take(layer, &gradient.layers[layer].bias)
        }
        if sumsExtras { shared.take(extras: &extras) }
      }
      if between.size > 1 { sumBetween(&gradient, &extras, sumsExtras) }
    }
    started.removeAll(keepingCapacity: true)
  }

  /// Biases and extras in one message.
  private func sumBetween(
    _ gradient: inout FeedForward, _ extras: inout [Float], _ sumsExtras: Bool
  ) {
    small.removeAll(keepingCapacity: true)
    for (layer, _) in started { small += gradient.layers[layer].bias }
    if sumsExtras { small += extras }
    reduceBetween(&small, by: .sum)
    var place = 0
    func take(_ values: inout [Float]) {
      for i in values.indices { values[i] = small[place + i] }
      place += values.count
    }
    for (layer, _) in started { take(&gradient.layers[layer].bias) }
    if sumsExtras { take(&extras) }
  }

  /// Combines what the ranks of a host have in common: by one of them, so that it travels once, and all have the
  /// same bits.
  private func reduceBetween(_ values: inout [Float], by reduction: Reduction) {
    guard between.size > 1 else { return }
    guard let shared else { return between.allReduce(&values, by: reduction) }
    shared.fromFirst(&values) { between.allReduce(&$0, by: reduction) }
  }

  /// The rows of a weight, of `count`, that this rank updates.
  func part(of count: Int) -> Range<Int> { shared?.part(of: count) ?? 0..<count }

  /// Returns when all rows of all weights are updated.
  func publish(_ network: FeedForward) {
    timed { shared?.publish(network) }
  }

  /// Gives the network weights of its own; the last use of the exchange.
  func release(_ network: inout FeedForward) { shared?.release(&network) }

  /// Sums values exactly over all ranks: whole numbers of 2⁻⁴⁰.
  func sumExactly(_ values: inout [Double]) {
    let unit = 0x1p40
    withUnsafeTemporaryAllocation(of: Int64.self, capacity: values.count + 1) { whole in
      // One value out of range makes the sum so; the phases stop at what is not finite.
      var isBroken = false
      for i in values.indices {
        let isInRange = values[i].isFinite && abs(values[i]) < 0x1p20
        isBroken = isBroken || !isInRange
        whole.initializeElement(at: i, to: isInRange ? Int64((values[i] * unit).rounded()) : 0)
      }
      whole.initializeElement(at: values.count, to: isBroken ? 1 : 0)
      timed { world.allReduce(whole, by: .sum) }
      for i in values.indices {
        values[i] = whole[values.count] > 0 ? .nan : Double(whole[i]) / unit
      }
    }
  }

  func takeSeconds() -> Double {
    defer { seconds = 0 }
    return seconds
  }

  private func timed(_ body: () -> Void) {
    guard world.size > 1 else { return body() }
    let start = DispatchTime.now().uptimeNanoseconds
    body()
    seconds += Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
  }
}
