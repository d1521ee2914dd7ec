import Glibc

/// Fixed-point numbers, multiples of 2^-shift in an Int64: their sums do not depend on the order of
/// the terms.
public enum FixedPoint {
  /// The largest shift, up to `limit`, at which the sum of `terms` numbers of magnitude up to
  /// `largest` cannot overflow.
  public static func shift(terms: Int, largest: Double, atMost limit: Int = 60) -> Int {
    let bits = log2(Double(terms + 1)).rounded(.up) + log2(max(largest, 1e-30)).rounded(.up)
    return min(limit, 62 - Int(bits))
  }

  /// 2^shift, the fixed-point value of 1.
  public static func scale(terms: Int, largest: Double, atMost limit: Int = 60) -> Double {
    exp2(Double(shift(terms: terms, largest: largest, atMost: limit)))
  }
}
