import Glibc

/// Numbers as text, in English and without a locale.
public enum Format {
  /// The number with this many decimals, at most 7: 0.650.
  public static func fixed(_ value: Double, _ decimals: Int) -> String {
    precondition(decimals <= 7)
    guard value.isFinite, abs(value) < 1e11 else { return "\(value)" }
    let unit = pow(10, Double(decimals))
    let scaled = Int((abs(value) * unit).rounded())
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return "\(sign)\(scaled)" }
    let fraction = String(scaled % Int(unit))
    let zeros = String(repeating: "0", count: decimals - fraction.count)
    return "\(sign)\(scaled / Int(unit)).\(zeros)\(fraction)"
  }

  /// An integer with commas: 804,414.
  public static func count(_ value: Int) -> String {
    var digits = String(value.magnitude)
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return (value < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
  }

  /// A count with its noun, in the plural unless it is 1: "1 rank", "2 ranks".
  public static func counted(_ value: Int, _ noun: String) -> String {
    "\(count(value)) \(noun)\(value == 1 ? "" : "s")"
  }

  /// "12.3 %", without a line break before the sign; more decimals for small ones.
  public static func percent(_ share: Double) -> String {
    let percent = 100 * share
    return "\(fixed(percent, percent != 0 && abs(percent) < 1 ? 2 : 1))\u{a0}%"
  }

  /// The number with at most four digits: 0.1593, 20.49, 0.65, 1.2e-5.
  public static func short(_ value: Double) -> String {
    guard value != 0, value.isFinite else { return Format.plain(value) }
    let exponent = Int(floor(log10(abs(value))))
    if (-4...3).contains(exponent) { return trimmed(fixed(value, 3 - exponent)) }
    if (4...10).contains(exponent) { return count(Int(value.rounded())) }
    return "\(trimmed(fixed(value / pow(10, Double(exponent)), 2)))e\(exponent)"
  }

  /// Removes zeros at the end of the fraction.
  private static func trimmed(_ text: String) -> String {
    guard text.contains(".") else { return text }
    let kept = text.reversed().drop { $0 == "0" }
    return String((kept.first == "." ? kept.dropFirst() : kept).reversed())
  }

  /// The number as Swift prints it, but integers without a point.
  public static func plain(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? "\(value)"
  }

  /// A duration, such as "0.8 s", "2 min 54 s" or "3 h 05 min".
  public static func time(_ seconds: Double) -> String {
    if seconds < 10 { return "\(fixed(seconds, 1)) s" }
    let total = Int(min(seconds, 1e9).rounded())
    if total < 60 { return "\(total) s" }
    if total < 3600 { return "\(total / 60) min \(two(total % 60)) s" }
    return "\(total / 3600) h \(two(total / 60 % 60)) min"
  }

  /// A duration as on a clock: "1:05:09" or "2:54".
  public static func clock(_ seconds: Double) -> String {
    let total = Int(min(seconds, 1e9).rounded())
    return total >= 3600
      ? "\(total / 3600):\(two(total / 60 % 60)):\(two(total % 60))"
      : "\(total / 60):\(two(total % 60))"
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
