/// The order of documents: `numpy.random.seed(seed); permutation(n)`, which the
/// authors' code uses, so that the same seed and limit give their subsets.
public struct DocumentOrder: Sendable {
  /// The index in the input of each document of the dataset.
  public let documents: [Int]

  /// - Parameter seed: The seed of numpy's generator; nil keeps the order of the input.
  public init(count: Int, seed: Int?, limit: Int? = nil) {
    documents = Self.permutation(count, seed: seed).prefix(limit ?? count).map(Int.init)
  }

  /// The index in the dataset of each document of `range` of the input: the inverse order, four
  /// bytes a document.
  package static func places(_ range: Range<Int>, count: Int, seed: Int?) -> [UInt32] {
    guard seed != nil else { return range.map { UInt32($0) } }
    var places = [UInt32](repeating: 0, count: range.count)
    for (place, document) in permutation(count, seed: seed).enumerated()
    where range.contains(Int(document)) {
      places[Int(document) - range.lowerBound] = UInt32(place)
    }
    return places
  }

  private static func permutation(_ count: Int, seed: Int?) -> [UInt32] {
    precondition(count <= Int(UInt32.max), "more than 2^32 documents")
    var order = Array(0..<UInt32(count))
    guard let seed, count > 1 else { return order }
    var random = MersenneTwister(seed: UInt32(truncatingIfNeeded: seed))
    order.withUnsafeMutableBufferPointer {
      for i in stride(from: count - 1, to: 0, by: -1) {
        $0.swapAt(i, random.integer(upTo: i))
      }
    }
    return order
  }
}

/// MT19937 (Matsumoto and Nishimura 1998), seeded as by numpy's legacy generator.
struct MersenneTwister {
  private var state: [UInt32]
  private var place = 624

  init(seed: UInt32) {
    state = [seed]
    for i in 1..<624 {
      let last = state[i - 1]
      state.append(1_812_433_253 &* (last ^ (last >> 30)) &+ UInt32(i))
    }
  }

  mutating func next() -> UInt32 {
    if place == 624 { refill() }
    var y = state[place]
    place += 1
    y ^= y >> 11
    y ^= (y << 7) & 0x9d2c_5680
    y ^= (y << 15) & 0xefc6_0000
    return y ^ (y >> 18)
  }

  private mutating func refill() {
    for i in 0..<624 {
      let y = (state[i] & 0x8000_0000) | (state[(i + 1) % 624] & 0x7fff_ffff)
      state[i] = state[(i + 397) % 624] ^ (y >> 1) ^ (y & 1 == 0 ? 0 : 0x9908_b0df)
    }
    place = 0
  }

  /// Returns a number uniform in `0 ... bound`, by masked rejection as in numpy; `bound` is below
  /// 2³².
  mutating func integer(upTo bound: Int) -> Int {
    var mask = UInt32(bound)
    for shift in [1, 2, 4, 8, 16] { mask |= mask >> UInt32(shift) }
    while true {
      let value = next() & mask
      if value <= UInt32(bound) { return Int(value) }
    }
  }
}
