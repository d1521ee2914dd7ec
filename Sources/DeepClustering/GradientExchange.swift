import Collectives
import DenseMath
import Dispatch

/// Sums gradients over all ranks, each layer's as soon as backpropagation is done with it, so that the
/// messages travel while the layers below are computed.
///
/// One message a layer, in its own memory: MPI writes there while the caller goes on.
final class GradientExchange {
  private let world: any Communicator
  private var slots: [UnsafeMutableBufferPointer<Float>]
  private var pending: [(slot: Int, reduction: PendingReduction)] = []
  private var finishing: [(layer: Int, body: (inout Dense) -> Void)] = []
  /// Spent waiting, since the last `takeSeconds`.
  private var seconds = 0.0

  /// - Parameter extras: Lengths of what travels beside the layers, such as the loss.
  init(_ network: FeedForward, extras: Int, over world: any Communicator) {
    self.world = world
    let lengths = network.layers.map { $0.weight.elements.count + $0.bias.count } + [extras]
    slots = world.size == 1 ? [] : lengths.map { .allocate(capacity: $0) }
  }

  deinit { for slot in slots { slot.deallocate() } }

  /// - Parameter finish: What is done to the sum.
  func start(
    _ layer: Int, _ gradient: Dense, finish: ((inout Dense) -> Void)? = nil
  ) {
    start(layer, [gradient.weight.elements, gradient.bias])
    if let finish { finishing.append((layer, finish)) }
  }

  /// Elementwise maxima over all ranks.
  func largest(_ values: inout [Float]) { world.allReduce(&values, by: .maximum) }

  /// The extras; after the layers.
  func start(extras: [Float]) { start(slots.count - 1, [extras]) }

  private func start(_ slot: Int, _ tensors: [[Float]]) {
    guard world.size > 1 else { return }
    var place = slots[slot].baseAddress!
    for tensor in tensors {
      tensor.withUnsafeBufferPointer { place.update(from: $0.baseAddress!, count: $0.count) }
      place += tensor.count
    }
    pending.append((slot, world.startAllReduce(slots[slot])))
    // Without calls into MPI nothing moves (mpi.md, section 1).
    for (_, reduction) in pending { _ = reduction.test() }
  }

  /// Waits for all sums and puts them in place.
  func finish(into gradient: inout FeedForward, extras: inout [Float]) {
    let start = DispatchTime.now().uptimeNanoseconds
    for (slot, reduction) in pending {
      reduction.wait()
      var place = UnsafePointer(slots[slot].baseAddress!)
      func take(_ tensor: inout [Float]) {
        tensor.withUnsafeMutableBufferPointer {
          $0.baseAddress!.update(from: place, count: $0.count)
        }
        place += tensor.count
      }
      if slot < gradient.layers.count {
        take(&gradient.layers[slot].weight.elements)
        take(&gradient.layers[slot].bias)
      } else {
        take(&extras)
      }
    }
    pending.removeAll(keepingCapacity: true)
    seconds += Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
    for (layer, body) in finishing { body(&gradient.layers[layer]) }
    finishing.removeAll(keepingCapacity: true)
  }

  /// Sums values exactly over all ranks: whole numbers of 2⁻⁴⁰.
  func sumExactly(_ values: inout [Double]) {
    let unit = 0x1p40
    var whole = values.map { $0.isFinite && abs($0) < 0x1p20 ? Int64(($0 * unit).rounded()) : .max }
    // One value out of range makes the sum so; the phases stop at what is not finite.
    let isBroken = world.allReduce(whole.contains(.max) ? Int64(1) : 0, by: .maximum) == 1
    world.allReduce(&whole)
    values = whole.map { isBroken ? .nan : Double($0) / unit }
  }

  func takeSeconds() -> Double {
    defer { seconds = 0 }
    return seconds
  }
}
