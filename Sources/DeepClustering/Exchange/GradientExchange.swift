import Collectives
import DenseMath
import Dispatch

/// What gradients travel as.
public enum WirePrecision: String, Codable, Sendable, CaseIterable {
  case float32
  /// The upper half of a float: half the bytes, sums rounded to 8 bits.
  case bf16
}

/// Sums gradients over all ranks: in memory that they share on one host, by messages between hosts.
///
/// A step is `start` for each layer and the extras, `finish`, an update of `part`'s rows of the weights and of
/// all biases, and `publish`.
final class GradientExchange {
  private let world: any Communicator
  private let shared: SharedGradients?
  private let messages: GradientMessages?
  /// Spent waiting, since the last `takeSeconds`.
  private var seconds = 0.0

  /// Collective. Until `release` the network's weights, and where their gradient goes, may lie in memory that the
  /// ranks share.
  ///
  /// - Parameters:
  ///   - extras: Length of what is summed beside the layers, such as the loss; always as floats.
  ///   - precision: Of messages with the layers' gradients; bf16 makes them travel on one host, too.
  ///   - sharesMemory: Where the ranks can.
  init(
    _ network: inout FeedForward, gradient: inout FeedForward, extras: Int,
    precision: WirePrecision = .float32, sharesMemory: Bool = true, over world: any Communicator
  ) {
    self.world = world
    shared =
      sharesMemory && precision == .float32
      ? SharedGradients(&network, gradient: &gradient, extras: extras, over: world) : nil
    messages =
      shared == nil && world.size > 1
      ? GradientMessages(network, extras: extras, precision: precision, over: world) : nil
  }

  /// Sums a layer's gradient; there after `finish`.
  func start(_ layer: Int, _ gradient: Dense) {
    shared?.start(layer, gradient)
    messages?.start(layer, gradient)
  }

  /// Sums the extras, which are there after `finish`; after the layers.
  func start(extras: [Float]) {
    shared?.start(extras: extras)
    messages?.start(extras: extras)
  }

  /// Elementwise maxima over all ranks.
  func largest(_ values: inout [Float]) {
    timed {
      if let shared { shared.largest(&values) } else { world.allReduce(&values, by: .maximum) }
    }
  }

  /// Waits for all sums and puts them in place; of weights, `part`'s rows.
  func finish(into gradient: inout FeedForward, extras: inout [Float]) {
    timed {
      shared?.finish(into: &gradient, extras: &extras)
      messages?.finish(into: &gradient, extras: &extras)
    }
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
