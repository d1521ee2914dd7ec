import Diagnostics

/// A scatter plot of documents, such as the plane of the two leading principal components of their
/// embedding, as SVG.
package struct Scatter {
  var title: String
  /// Points in the plane, and the colour index of each; -1 is light grey, drawn below the others.
  var points: [(x: Double, y: Double, kind: Int)]
  var xLabel: String
  var yLabel: String
  /// Whether both axes have the same scale, so that distances compare in all directions.
  var hasEqualScales: Bool

  package init(
    title: String, points: [(x: Double, y: Double, kind: Int)], xLabel: String, yLabel: String,
    hasEqualScales: Bool = true
  ) {
    self.hasEqualScales = hasEqualScales
    self.title = title
    self.points = points
    self.xLabel = xLabel
    self.yLabel = yLabel
  }

  private static let width = 520.0
  private static let (left, right, top, bottom) = (44.0, 14.0, 26.0, 40.0)

  /// The plot.
  package var svg: String {
    let x = Axis(points.map(\.x), count: 7)
    let spanX = x.range.upperBound - x.range.lowerBound
    let inner = Self.width - Self.left - Self.right
    let y = Axis(points.map(\.y), count: 5)
    let spanY = y.range.upperBound - y.range.lowerBound
    // A very flat or very tall cloud gets different scales rather than leave the page.
    let innerHeight = hasEqualScales ? min(max(inner * spanY / spanX, 180), 480) : 320
    let height = innerHeight + Self.top + Self.bottom
    func place(_ px: Double, _ py: Double) -> (String, String) {
      (
        Format.fixed(Self.left + x.position(px) * inner, 1),
        Format.fixed(Self.top + (1 - y.position(py)) * innerHeight, 1)
      )
    }

    let name = HTML.escape(title)
    var svg =
      "<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(height))\" role=\"img\" aria-label=\"\(name)\">\n"
      + "<text class=\"title\" x=\"0\" y=\"14\">\(name)</text>\n"
    svg += frame(x, y, innerHeight, place)

    var kinds: [Int: [String]] = [:]
    for point in points {
      let (px, py) = place(point.x, point.y)
      kinds[point.kind, default: []].append("\(px) \(py)")
    }
    for (kind, places) in kinds.sorted(by: { $0.key < $1.key }) {
      svg +=
        kind < 0
        ? "<path stroke=\"#ccc\" stroke-width=\"3\" stroke-linecap=\"round\" fill=\"none\" d=\""
          + places.map { "M\($0)h0" }.joined() + "\"/>\n"
        : Palette.marks(kind, at: places) + "\n"
    }
    return svg + "</svg>"
  }

  private func frame(
    _ x: Axis, _ y: Axis, _ innerHeight: Double, _ place: (Double, Double) -> (String, String)
  ) -> String {
    let foot = Int(Self.top + innerHeight)
    let (first, end) = (Int(Self.left), Int(Self.width - Self.right))
    var svg = ""
    for tick in x.ticks {
      let px = place(tick, 0).0
      svg += "<path class=\"grid\" d=\"M\(px) \(Int(Self.top))V\(foot)\"/>"
      svg += "<text x=\"\(px)\" y=\"\(foot + 15)\" text-anchor=\"middle\">\(x.label(tick))</text>\n"
    }
    for tick in y.ticks {
      let py = place(0, tick).1
      svg += "<path class=\"grid\" d=\"M\(first) \(py)H\(end)\"/>"
      svg += "<text x=\"\(first - 5)\" y=\"\(py)\" dy=\"4\" text-anchor=\"end\">"
      svg += "\(y.label(tick))</text>\n"
    }
    let (middle, centre) = ((first + end) / 2, Int(Self.top + innerHeight / 2))
    svg += "<text x=\"\(middle)\" y=\"\(foot + 33)\" text-anchor=\"middle\">"
    svg += "\(HTML.escape(xLabel))</text>\n"
    svg += "<text transform=\"translate(11 \(centre)) rotate(-90)\" text-anchor=\"middle\">"
    return svg + "\(HTML.escape(yLabel))</text>\n"
  }
}
