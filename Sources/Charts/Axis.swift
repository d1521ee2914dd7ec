import Diagnostics
import Glibc

/// An axis of a chart: its range, its ticks, and where values lie on it.
package struct Axis {
  package enum Scale {
    case linear
    case logarithmic
  }

  let scale: Scale
  /// The values at the two ends of the axis.
  let range: ClosedRange<Double>
  /// The values at the ticks, ascending.
  let ticks: [Double]
  /// The number of decimals that the labels need to differ.
  private let decimals: Int

  /// Makes an axis that covers all finite `values`, with about `count` ticks at round numbers.
  ///
  /// - Parameter zero: Whether a linear axis begins at 0.
  init(_ values: [Double], scale: Scale = .linear, count: Int = 5, zero: Bool = false) {
    let finite = values.filter { $0.isFinite && (scale == .linear || $0 > 0) }
    var (low, high) = (finite.min() ?? 0, finite.max() ?? 1)
    if zero { (low, high) = (min(0, low), max(0, high)) }
    if scale == .logarithmic, !finite.isEmpty {
      self.scale = .logarithmic
      (ticks, range) = Self.powers(low, high)
      decimals = 0
      return
    }
    self.scale = .linear
    if low == high {
      let margin = low == 0 ? 0.5 : abs(low) / 10
      (low, high) = (low - margin, high + margin)
    }
    let step = Self.roundStep((high - low) / Double(count))
    let (first, last) = ((low / step).rounded(.down), (high / step).rounded(.up))
    ticks = stride(from: first, through: last, by: 1).map { $0 * step }
    range = first * step...last * step
    decimals = max(0, Int(-floor(log10(step) + 1e-9)))
  }

  /// The smallest of 1, 2 and 5 times a power of ten that is not below `step`.
  static func roundStep(_ step: Double) -> Double {
    let power = pow(10, floor(log10(step)))
    return [1.0, 2, 5, 10].first { $0 * power >= step * (1 - 1e-9) }! * power
  }

  /// The multiples 1, 2 and 5 of the powers of ten that cover low...high; only the powers
  /// themselves where the range is wide.
  private static func powers(
    _ low: Double, _ high: Double
  ) -> (ticks: [Double], range: ClosedRange<Double>) {
    let exponents = stride(
      from: floor(log10(low) + 1e-9), through: floor(log10(high) + 1e-9) + 1, by: 1)
    let all = exponents.flatMap { e in [1.0, 2, 5].map { ($0 * pow(10, e)).rounded(toDigits: 1) } }
    let below = all.last { $0 <= low * (1 + 1e-9) } ?? low
    let above = all.first { $0 >= high * (1 - 1e-9) && $0 > below } ?? high
    let within = all.filter { $0 >= below && $0 <= above }
    let powers = within.filter { log10($0).rounded() == log10($0) }
    return (within.count > 8 ? powers : within, below...above)
  }

  /// The position of `value`, 0 at the low end and 1 at the high end. On a logarithmic axis, values
  /// that are not positive lie at the low end.
  func position(_ value: Double) -> Double {
    let (low, high) = (range.lowerBound, range.upperBound)
    guard high > low else { return 0.5 }
    switch scale {
    case .linear: return (value - low) / (high - low)
    case .logarithmic: return log(max(value, low) / low) / log(high / low)
    }
  }

  /// The text at a tick.
  func label(_ tick: Double) -> String {
    if scale == .logarithmic { return Format.plain(tick.rounded(toDigits: 2)) }
    if abs(tick) >= 1e6 || decimals > 6 { return Format.short(tick.rounded(toDigits: 6)) }
    let text = Format.fixed(abs(tick), decimals)
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let grouped = Format.count(Int(parts[0])!) + (parts.count > 1 ? ".\(parts[1])" : "")
    return tick < 0 && tick < -1e-12 ? "−\(grouped)" : grouped
  }
}

extension Double {
  /// The nearest number with this many significant decimal digits: 0.2 for 0.20000000000000001.
  func rounded(toDigits digits: Int) -> Double {
    guard self != 0, isFinite else { return self }
    let exponent = digits - 1 - Int(floor(log10(abs(self))))
    let unit = pow(10, Double(abs(exponent)))
    return exponent >= 0 ? (self * unit).rounded() / unit : (self / unit).rounded() * unit
  }
}
