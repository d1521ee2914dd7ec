import Diagnostics

/// Ranges of a figure over several settings, a row a method, as SVG: a dot for each setting, a bar
/// from the smallest to the largest, and a diamond for a figure to compare with.
package struct RangeChart {
  package struct Row {
    var name: String
    var values: [Double]
    /// What the diamond marks; nil for none.
    var reference: Double?

    package init(name: String, values: [Double], reference: Double?) {
      self.name = name
      self.values = values
      self.reference = reference
    }
  }

  var title: String
  var rows: [Row]
  var xLabel: String
  /// The names of a dot and of a diamond.
  var legend: (dot: String, diamond: String)

  package init(title: String, rows: [Row], xLabel: String, legend: (dot: String, diamond: String)) {
    self.title = title
    self.rows = rows
    self.xLabel = xLabel
    self.legend = legend
  }

  private static let width = 560.0
  private static let (left, right, top, bottom, row) = (126.0, 64.0, 44.0, 38.0, 30.0)

  /// The chart; nil where no row has a value.
  package var svg: String? {
    let all = rows.flatMap { $0.values + [$0.reference].compactMap { $0 } }
    guard rows.contains(where: { !$0.values.isEmpty }) else { return nil }
    let x = Axis(all, count: 6)
    let foot = Self.top + Double(rows.count) * Self.row
    let name = HTML.escape(title)
    var svg =
      "<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(foot + Self.bottom))\" role=\"img\" "
      + "aria-label=\"\(name)\">\n<text class=\"title\" x=\"0\" y=\"14\">\(name)</text>\n"
    svg += key + grid(x, foot)
    for (i, row) in rows.enumerated() {
      svg += marks(of: row, i, x, Self.top + (Double(i) + 0.5) * Self.row)
    }
    return svg + "</svg>"
  }

  private func across(_ value: Double, _ axis: Axis) -> String {
    Format.fixed(Self.left + axis.position(value) * (Self.width - Self.left - Self.right), 1)
  }

  private static func diamond(_ x: String, _ y: String) -> String {
    "<path fill=\"#fff\" stroke=\"#1b1b1b\" stroke-width=\"1.4\" "
      + "d=\"M\(x) \(y)m0-5l5 5l-5 5l-5-5z\"/>"
  }

  private var key: String {
    let x = Int(Self.left)
    let next = x + 24 + Int(6.2 * Double(legend.dot.count))
    return "<circle cx=\"\(x)\" cy=\"29\" r=\"3.5\" fill=\"#666\"/>"
      + "<text x=\"\(x + 9)\" y=\"33\">\(HTML.escape(legend.dot))</text>"
      + Self.diamond("\(next)", "29")
      + "<text x=\"\(next + 10)\" y=\"33\">\(HTML.escape(legend.diamond))</text>\n"
  }

  private func grid(_ x: Axis, _ foot: Double) -> String {
    var svg = ""
    for tick in x.ticks {
      let place = across(tick, x)
      svg += "<path class=\"grid\" d=\"M\(place) \(Int(Self.top))V\(Int(foot))\"/>"
      svg += "<text x=\"\(place)\" y=\"\(Int(foot) + 16)\" text-anchor=\"middle\">"
      svg += "\(x.label(tick))</text>\n"
    }
    let middle = Int((Self.left + Self.width - Self.right) / 2)
    return svg + "<text x=\"\(middle)\" y=\"\(Int(foot) + 32)\" text-anchor=\"middle\">"
      + "\(HTML.escape(xLabel))</text>\n"
  }

  private func marks(of row: Row, _ index: Int, _ x: Axis, _ y: Double) -> String {
    let (place, colour) = (Format.fixed(y, 1), Palette.colour(index))
    var svg = "<text x=\"\(Int(Self.left) - 10)\" y=\"\(place)\" dy=\"4\" text-anchor=\"end\">"
    svg += "\(HTML.escape(row.name))</text>"
    if let low = row.values.min(), let high = row.values.max() {
      svg += "<path stroke=\"\(colour)\" stroke-width=\"6\" opacity=\"0.3\" "
      svg += "d=\"M\(across(low, x)) \(place)H\(across(high, x))\"/>"
      for value in row.values {
        svg += "<circle cx=\"\(across(value, x))\" cy=\"\(place)\" r=\"3.5\" fill=\"\(colour)\" "
        svg += "opacity=\"0.8\"/>"
      }
      svg += "<text x=\"\(Int(Self.width - Self.right) + 8)\" y=\"\(place)\" dy=\"4\">"
      svg += "\(Format.fixed(low, 1))–\(Format.fixed(high, 1))</text>"
    }
    if let reference = row.reference { svg += Self.diamond(across(reference, x), place) }
    return svg + "\n"
  }
}
