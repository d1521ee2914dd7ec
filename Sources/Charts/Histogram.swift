import Diagnostics

/// A histogram of the documents' probabilities of their own cluster, as SVG.
package struct Histogram {
  /// The number of documents in each of equally wide bins of 0...end.
  let counts: [Int]
  /// The probability at the end of the axis.
  let end: Double

  /// Bars, and the part of 0...1 that they cover.
  private static let barCount = 20
  private static let ends = [0.1, 0.2, 0.5, 1]

  /// Shows the part of 0...1 from 0 on that holds all documents.
  ///
  /// - Parameter counts: The number of documents in each of equally wide bins of 0...1, a multiple
  ///   of 200 of them.
  package init(counts: [Int]) {
    let last = Double((counts.lastIndex { $0 > 0 } ?? 0) + 1) / Double(counts.count)
    let end = Self.ends.first { $0 >= last - 1e-9 } ?? 1
    let width = Int((end * Double(counts.count)).rounded()) / Self.barCount
    self.end = end
    self.counts = (0..<Self.barCount).map { counts[$0 * width..<($0 + 1) * width].reduce(0, +) }
  }

  private static let (width, height) = (520.0, 200.0)
  private static let (left, right, top, bottom) = (60.0, 12.0, 10.0, 38.0)

  package var svg: String {
    let (inner, tall) = (
      Self.width - Self.left - Self.right, Self.height - Self.top - Self.bottom
    )
    let (foot, right) = (Self.height - Self.bottom, Int(Self.width - Self.right))
    let y = Axis(counts.map(Double.init), count: 4, zero: true)
    var svg = "<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\" "
    svg += "aria-label=\"Documents by the probability of their cluster\">\n"
    for tick in y.ticks where tick == tick.rounded() {
      let place = Format.fixed(foot - y.position(tick) * tall, 1)
      svg += "<path class=\"grid\" d=\"M\(Int(Self.left)) \(place)H\(right)\"/>"
      svg += "<text x=\"\(Int(Self.left) - 6)\" y=\"\(place)\" dy=\"4\" text-anchor=\"end\">"
      svg += "\(y.label(tick))</text>\n"
    }
    let step = inner / Double(counts.count)
    svg += "<path class=\"bars\" d=\""
    for (i, count) in counts.enumerated() where count > 0 {
      let high = Format.fixed(max(0.5, y.position(Double(count)) * tall), 1)
      let x = Format.fixed(Self.left + Double(i) * step + 1, 1)
      svg += "M\(x) \(Int(foot))v-\(high)h\(Format.fixed(step - 2, 1))v\(high)z"
    }
    svg += "\"/>\n"
    for i in 0...5 {
      let x = Format.fixed(Self.left + Double(i) / 5 * inner, 1)
      svg += "<text x=\"\(x)\" y=\"\(Int(foot) + 16)\" text-anchor=\"middle\">"
      svg += "\(Format.fixed(Double(i) / 5 * end, end < 1 ? 2 : 1))</text>\n"
    }
    svg += "<path class=\"axis\" d=\"M\(Int(Self.left)) \(Int(foot))H\(right)\"/>"
    svg += "<text x=\"\(Int(Self.left + inner / 2))\" y=\"\(Int(Self.height) - 5)\" "
    return svg + "text-anchor=\"middle\">probability of the document’s own cluster</text>\n</svg>"
  }
}
