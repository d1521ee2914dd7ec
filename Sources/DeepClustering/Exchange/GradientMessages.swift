import Collectives
import DenseMath
import Dispatch

/// Sums gradients by messages. Each layer's starts as soon as backpropagation is done with it and travels while
/// the layers below are computed: a thread of its own sums one after the other, in memory of their own.
/// (Non-blocking all-reduces move only when MPI is called, and Open MPI 4.1's send twice the bytes between
/// two hosts: mpi.md, section 1.)
final class GradientMessages {
  private let world: any Communicator
  private var slots: [UnsafeMutableBufferPointer<Float>] = []
  /// The layers' in bfloat16, where they travel so.
  private var halves: [UnsafeMutableBufferPointer<UInt16>] = []
  /// Slots on their way.
  private var pending: [Int] = []
  private let queue = DispatchQueue(label: "dec.messages")

  /// - Parameters:
  ///   - extras: Length of what travels beside the layers, always as floats.
  ///   - precision: Of the layers' gradients.
  init(
    _ network: FeedForward, extras: Int, precision: WirePrecision, over world: any Communicator
  ) {
    self.world = world
    let lengths = network.layers.map { $0.weight.count + $0.bias.count }
    if precision == .bf16 {
      halves = lengths.map { .allocate(capacity: $0) }
      slots = lengths.map { _ in UnsafeMutableBufferPointer(start: nil, count: 0) }
    } else {
      slots = lengths.map { .allocate(capacity: $0) }
    }
    slots.append(.allocate(capacity: extras))
  }

  deinit {
    for slot in slots { slot.deallocate() }
    for slot in halves { slot.deallocate() }
  }

  func start(_ layer: Int, _ gradient: Dense) {
    gradient.weight.withUnsafeElements { put($0, layer, 0) }
    gradient.bias.withUnsafeBufferPointer { put($0, layer, gradient.weight.count) }
    send(layer)
  }

  func start(extras: [Float]) {
    extras.withUnsafeBufferPointer { put($0, slots.count - 1, 0) }
    send(slots.count - 1)
  }

  /// Waits for all sums and puts them in place.
  func finish(into gradient: inout FeedForward, extras: inout [Float]) {
    if !pending.isEmpty { queue.sync {} }
    for slot in pending {
      if slot < gradient.layers.count {
        let count = gradient.layers[slot].weight.count
        gradient.layers[slot].weight.withUnsafeMutableElements { take($0, slot, 0) }
        gradient.layers[slot].bias.withUnsafeMutableBufferPointer { take($0, slot, count) }
      } else {
        extras.withUnsafeMutableBufferPointer { take($0, slot, 0) }
      }
    }
    pending.removeAll(keepingCapacity: true)
  }

  private func put(_ tensor: UnsafeBufferPointer<Float>, _ slot: Int, _ place: Int) {
    if slot < halves.count {
      let target = halves[slot].baseAddress! + place
      for i in tensor.indices { target[i] = Self.half(tensor[i]) }
    } else {
      (slots[slot].baseAddress! + place).update(from: tensor.baseAddress!, count: tensor.count)
    }
  }

  private func take(_ tensor: UnsafeMutableBufferPointer<Float>, _ slot: Int, _ place: Int) {
    if slot < halves.count {
      let source = halves[slot].baseAddress! + place
      for i in tensor.indices { tensor[i] = Float(bitPattern: UInt32(source[i]) << 16) }
    } else {
      tensor.baseAddress!.update(from: slots[slot].baseAddress! + place, count: tensor.count)
    }
  }

  private func send(_ slot: Int) {
    pending.append(slot)
    // Until `finish` has waited, this thread calls MPI for nothing else.
    nonisolated(unsafe) let world = world
    if slot < halves.count {
      nonisolated(unsafe) let half = halves[slot]
      queue.async { world.allReduce(bfloat16: half) }
    } else {
      nonisolated(unsafe) let whole = slots[slot]
      queue.async { world.allReduce(whole, by: .sum) }
    }
  }

  /// Rounded to the nearest bfloat16, ties to even; what is not finite stays so.
  @inline(__always)
  static func half(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let rounded = UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ (bits >> 16 & 1)) >> 16)
    return bits & 0x7fff_ffff > 0x7f80_0000
      ? UInt16(truncatingIfNeeded: bits >> 16) | 0x40 : rounded
  }
}
