import Collectives
import DenseMath
import Dispatch

/// The number format in which weights' gradients travel between hosts.
public enum WirePrecision: String, Codable, Sendable, CaseIterable {
  case float32
  /// The upper half of a float: half the bytes, sums rounded to 8 bits.
  case bf16
}

/// Sums weights' gradients by messages, where they lie. Each layer's starts as soon as
/// backpropagation is done with it and travels while the layers below are computed: a thread of its
/// own sums one after the other. (Non-blocking all-reduces move only when MPI is called, and those
/// of Open MPI 4.1 send twice the bytes between two hosts.)
final class GradientMessages {
  private let ranks: any Communicator
  private let precision: WirePrecision
  private let shared: HostMemory?
  /// A gradient as bfloat16; only the thread's.
  private var halves: [UInt16] = []
  private let queue = DispatchQueue(label: "dec.messages")

  /// - Parameter shared: Where the ranks of a host sum before.
  init(_ precision: WirePrecision, after shared: HostMemory?, over ranks: any Communicator) {
    self.ranks = ranks
    self.precision = precision
    self.shared = shared
  }

  /// Sums `rows` of a layer's gradient. Until `wait` it stays where it is, and this thread calls
  /// MPI for nothing else.
  func start(_ layer: Int, _ gradient: inout Matrix, rows: Range<Int>) {
    let columns = gradient.columns
    gradient.withUnsafeMutableElements {
      let elements = rows.lowerBound * columns..<rows.upperBound * columns
      nonisolated(unsafe) let (own, this) = (
        UnsafeMutableBufferPointer(rebasing: $0[elements]), self
      )
      queue.async { this.sum(layer, own) }
    }
  }

  /// Returns when all sums are there.
  func wait() { queue.sync {} }

  private func sum(_ layer: Int, _ values: UnsafeMutableBufferPointer<Float>) {
    if let shared {
      shared.barrier()
      shared.sum(layer, onAllThreads: false)
    }
    switch precision {
    case .float32:
      ranks.allReduce(values, by: .sum)
    case .bf16:
      if halves.count < values.count { halves = [UInt16](repeating: 0, count: values.count) }
      halves.withUnsafeMutableBufferPointer { halves in
        let halves = UnsafeMutableBufferPointer(rebasing: halves[..<values.count])
        for i in values.indices { halves[i] = Self.half(values[i]) }
        ranks.allReduce(bfloat16: halves)
        for i in values.indices { values[i] = Float(bitPattern: UInt32(halves[i]) << 16) }
      }
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
