import Collectives
import DenseMath
import Dispatch

/// Sums gradients over all ranks.
///
/// Between hosts each layer's message starts as soon as backpropagation is done with it and travels while
/// the layers below are computed, from memory of its own: MPI writes there while the caller goes on.
/// On one host sums are made at once and in place: through shared memory they take less time than the
/// copies.
final class GradientExchange {
  private let world: any Communicator
  private var slots: [UnsafeMutableBufferPointer<Float>] = []
  private var pending: [(slot: Int, reduction: PendingReduction)] = []
  private var finishing: [(layer: Int, body: (inout Dense) -> Void)] = []
  /// Spent waiting, since the last `takeSeconds`.
  private var seconds = 0.0

  /// - Parameter extras: Lengths of what travels beside the layers, such as the loss.
  init(_ network: FeedForward, extras: Int, over world: any Communicator) {
    self.world = world
    guard !world.isOneHost else { return }
    let lengths = network.layers.map { $0.weight.elements.count + $0.bias.count } + [extras]
    slots = lengths.map { .allocate(capacity: $0) }
  }

  deinit { for slot in slots { slot.deallocate() } }

  /// Sums a layer's gradient; there after `finish`.
  ///
  /// - Parameter finish: What is done to the sum.
  func start(
    _ layer: Int, _ gradient: inout Dense, finish: ((inout Dense) -> Void)? = nil
  ) {
    if let finish { finishing.append((layer, finish)) }
    if world.isOneHost {
      sum(&gradient.weight.elements)
      sum(&gradient.bias)
    } else {
      send(layer, [gradient.weight.elements, gradient.bias])
    }
  }

  /// Sums the extras, which are there after `finish`; after the layers.
  func start(extras: inout [Float]) {
    if world.isOneHost { sum(&extras) } else { send(slots.count - 1, [extras]) }
  }

  /// Elementwise maxima over all ranks.
  func largest(_ values: inout [Float]) {
    timed { world.allReduce(&values, by: .maximum) }
  }

  /// Lets messages move: without calls into MPI nothing does (mpi.md, section 1).
  func progress() {
    for (_, reduction) in pending { _ = reduction.test() }
  }

  /// Waits for all sums and puts them in place.
  func finish(into gradient: inout FeedForward, extras: inout [Float]) {
    for (slot, reduction) in pending {
      timed { reduction.wait() }
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
    for (layer, body) in finishing { body(&gradient.layers[layer]) }
    finishing.removeAll(keepingCapacity: true)
  }

  /// Sums values exactly over all ranks: whole numbers of 2⁻⁴⁰.
  func sumExactly(_ values: inout [Double]) {
    let unit = 0x1p40
    var whole = values.map { $0.isFinite && abs($0) < 0x1p20 ? Int64(($0 * unit).rounded()) : .max }
    // One value out of range makes the sum so; the phases stop at what is not finite.
    var isBroken = whole.contains(.max) ? Int64(1) : 0
    timed {
      isBroken = world.allReduce(isBroken, by: .maximum)
      world.allReduce(&whole)
    }
    values = whole.map { isBroken == 1 ? .nan : Double($0) / unit }
  }

  func takeSeconds() -> Double {
    defer { seconds = 0 }
    return seconds
  }

  private func sum(_ values: inout [Float]) {
    timed { world.allReduce(&values) }
  }

  private func send(_ slot: Int, _ tensors: [[Float]]) {
    var place = slots[slot].baseAddress!
    for tensor in tensors {
      tensor.withUnsafeBufferPointer { place.update(from: $0.baseAddress!, count: $0.count) }
      place += tensor.count
    }
    pending.append((slot, world.startAllReduce(slots[slot])))
    progress()
  }

  private func timed(_ body: () -> Void) {
    guard world.size > 1 else { return body() }
    let start = DispatchTime.now().uptimeNanoseconds
    body()
    seconds += Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
  }
}
