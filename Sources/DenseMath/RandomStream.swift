import Glibc

/// Counter-based random numbers (SplitMix64, Steele, Lea and Flood 2014): the same seed, purpose
/// and keys give the same numbers on every rank, in whatever order streams are used.
public struct RandomStream: RandomNumberGenerator, Sendable {
  /// The purpose of the numbers; streams of different purposes are independent.
  public enum Purpose: UInt64, Sendable {
    case weights = 1
    case dropout, laneOrder, centroids, synthetic, sample, augmentation, spectral
  }

  @usableFromInline var state: UInt64

  /// Makes the stream of (seed, purpose, keys...).
  public init(seed: UInt64, _ purpose: Purpose, _ keys: Int...) {
    var state = mix(seed &+ 0x9E37_79B9_7F4A_7C15)
    state = mix(state ^ purpose.rawValue &* 0xD6E8_FEB8_6659_FD93)
    for key in keys {
      state = mix(state &+ 0x9E37_79B9_7F4A_7C15 ^ UInt64(bitPattern: Int64(key)))
    }
    self.state = state
  }

  @inlinable
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return mix(state)
  }

  /// The number that the call `index` of `next` from here would return, counted from 0.
  @inlinable
  public func number(at index: Int) -> UInt64 {
    mix(state &+ UInt64(bitPattern: Int64(index &+ 1)) &* 0x9E37_79B9_7F4A_7C15)
  }

  /// A number uniform in [0, 1), with 53 random bits.
  @inlinable
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// An integer uniform in `0 ..< bound`, with a bias below bound / 2⁶⁴.
  @inlinable
  public mutating func integer(below bound: Int64) -> Int64 {
    Int64(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// A standard normal number (Box and Muller 1958).
  public mutating func normal() -> Double {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * Double.pi * uniform())
  }
}

/// SplitMix64's finaliser.
@inlinable
func mix(_ value: UInt64) -> UInt64 {
  var z = value
  z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
  z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
  return z ^ (z >> 31)
}
