import Collectives
import DenseMath
import Dispatch

/// What gradients travel as.
public enum WirePrecision: String, Codable, Sendable, CaseIterable {
  case float32
  /// The upper half of a float: half the bytes, sums rounded to 8 bits.
  case bf16
}

/// Sums gradients over all ranks.
///
/// Between hosts each layer's message starts as soon as backpropagation is done with it and travels while
/// the layers below are computed: a thread of its own sums one after the other, in memory of their own.
/// (Non-blocking all-reduces move only when MPI is called, and Open MPI 4.1's send twice the bytes between
/// two hosts: mpi.md, section 1.)
/// On one host sums are made at once and in place: through shared memory they take less time than the
/// copies.
final class GradientExchange {
  private let world: any Communicator
  /// Whether sums are made at once, in place.
  private let isInPlace: Bool
  private var slots: [UnsafeMutableBufferPointer<Float>] = []
  /// The layers' in bfloat16, where they travel so.
  private var halves: [UnsafeMutableBufferPointer<UInt16>] = []
  /// Slots on their way.
  private var pending: [Int] = []
  private let messages = DispatchQueue(label: "dec.messages")
  /// Spent waiting, since the last `takeSeconds`.
  private var seconds = 0.0

  /// - Parameters:
  ///   - extras: Length of what travels beside the layers, such as the loss; always as floats.
  ///   - precision: Of the layers' gradients.
  init(
    _ network: FeedForward, extras: Int, precision: WirePrecision = .float32,
    over world: any Communicator
  ) {
    self.world = world
    isInPlace = world.isOneHost && (precision == .float32 || world.size == 1)
    guard !isInPlace else { return }
    let lengths = network.layers.map { $0.weight.elements.count + $0.bias.count }
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

  /// Sums a layer's gradient; there after `finish`.
  func start(_ layer: Int, _ gradient: inout Dense) {
    if isInPlace {
      sum(&gradient.weight.elements)
      sum(&gradient.bias)
    } else {
      send(layer, [gradient.weight.elements, gradient.bias])
    }
  }

  /// Sums the extras, which are there after `finish`; after the layers.
  func start(extras: inout [Float]) {
    if isInPlace { sum(&extras) } else { send(slots.count - 1, [extras]) }
  }

  /// Elementwise maxima over all ranks.
  func largest(_ values: inout [Float]) {
    timed { world.allReduce(&values, by: .maximum) }
  }

  /// Waits for all sums and puts them in place.
  func finish(into gradient: inout FeedForward, extras: inout [Float]) {
    if !pending.isEmpty { timed { messages.sync {} } }
    for slot in pending {
      var place = 0
      if slot < gradient.layers.count {
        take(&gradient.layers[slot].weight.elements, from: slot, &place)
        take(&gradient.layers[slot].bias, from: slot, &place)
      } else {
        take(&extras, from: slot, &place)
      }
    }
    pending.removeAll(keepingCapacity: true)
  }

  /// Sums values exactly over all ranks: whole numbers of 2⁻⁴⁰.
  func sumExactly(_ values: inout [Double]) {
    let unit = 0x1p40
    var whole = values.map { $0.isFinite && abs($0) < 0x1p20 ? Int64(($0 * unit).rounded()) : .max }
    // One value out of range makes the sum so; the phases stop at what is not finite.
    whole.append(whole.contains(.max) ? 1 : 0)
    timed { world.allReduce(&whole) }
    let isBroken = whole.removeLast() > 0
    values = whole.map { isBroken ? .nan : Double($0) / unit }
  }

  func takeSeconds() -> Double {
    defer { seconds = 0 }
    return seconds
  }

  private func sum(_ values: inout [Float]) {
    timed { world.allReduce(&values) }
  }

  private func send(_ slot: Int, _ tensors: [[Float]]) {
    var place = 0
    for tensor in tensors {
      tensor.withUnsafeBufferPointer { tensor in
        if slot < halves.count {
          let target = halves[slot].baseAddress! + place
          for i in tensor.indices { target[i] = Self.half(tensor[i]) }
        } else {
          (slots[slot].baseAddress! + place).update(from: tensor.baseAddress!, count: tensor.count)
        }
      }
      place += tensor.count
    }
    pending.append(slot)
    // Until `finish` has waited, this thread calls MPI for nothing else.
    nonisolated(unsafe) let world = world
    if slot < halves.count {
      nonisolated(unsafe) let half = halves[slot]
      messages.async { world.allReduce(bfloat16: half) }
    } else {
      nonisolated(unsafe) let whole = slots[slot]
      messages.async { world.allReduce(whole, by: .sum) }
    }
  }

  private func take(_ tensor: inout [Float], from slot: Int, _ place: inout Int) {
    tensor.withUnsafeMutableBufferPointer { tensor in
      if slot < halves.count {
        let source = halves[slot].baseAddress! + place
        for i in tensor.indices { tensor[i] = Float(bitPattern: UInt32(source[i]) << 16) }
      } else {
        tensor.baseAddress!.update(from: slots[slot].baseAddress! + place, count: tensor.count)
      }
    }
    place += tensor.count
  }

  /// Rounded to the nearest bfloat16, ties to even; what is not finite stays so.
  @inline(__always)
  static func half(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let rounded = UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ (bits >> 16 & 1)) >> 16)
    return bits & 0x7fff_ffff > 0x7f80_0000
      ? UInt16(truncatingIfNeeded: bits >> 16) | 0x40 : rounded
  }

  private func timed(_ body: () -> Void) {
    guard world.size > 1 else { return body() }
    let start = DispatchTime.now().uptimeNanoseconds
    body()
    seconds += Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
  }
}
