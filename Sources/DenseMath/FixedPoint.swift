import Glibc

/// Sums that do not depend on the order of their terms: whole numbers of 2^-shift.
public enum FixedPoint {
  /// The largest shift at which `terms` numbers of magnitude up to `largest` cannot overflow an Int64.
  public static func shift(terms: Int, largest: Double, atMost limit: Int = 60) -> Int {
    let bits = log2(Double(terms + 1)).rounded(.up) + log2(max(largest, 1e-30)).rounded(.up)
    return min(limit, 62 - Int(bits))
  }

  /// Units in 1 at that shift.
  public static func scale(terms: Int, largest: Double, atMost limit: Int = 60) -> Double {
    exp2(Double(shift(terms: terms, largest: largest, atMost: limit)))
  }
}
