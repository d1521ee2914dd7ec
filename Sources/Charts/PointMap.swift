import Diagnostics

/// A map of documents in a plane, with their clusters' names, as SVG.
package struct PointMap {
  /// A label that is drawn over the points.
  package struct Mark {
    var x: Double
    var y: Double
    /// Shown always.
    var number: String
    /// Shown below the number where there is room.
    var name: String

    package init(x: Double, y: Double, number: String, name: String) {
      self.x = x
      self.y = y
      self.number = number
      self.name = name
    }
  }

  var title: String
  /// Points in the plane, and the colour index of each; -1 is light grey, drawn below the others.
  var points: [(x: Double, y: Double, kind: Int)]
  /// The most important first: it gets the room for its name.
  package var marks: [Mark] = []
  /// Stands below the plot: what the plane shows.
  var label: String

  package init(title: String, points: [(x: Double, y: Double, kind: Int)], label: String) {
    self.title = title
    self.points = points
    self.label = label
  }

  private static let width = 560.0
  private static let (left, right, top, bottom) = (12.0, 12.0, 26.0, 26.0)

  /// What of the plane is shown.
  private struct Frame {
    var x: ClosedRange<Double>
    var y: ClosedRange<Double>
    /// In the units of the viewBox.
    var height: Double
  }

  private var frame: Frame {
    let x = Self.range(points.map(\.x) + marks.map(\.x))
    let y = Self.range(points.map(\.y) + marks.map(\.y))
    let ratio = (y.upperBound - y.lowerBound) / (x.upperBound - x.lowerBound)
    // A very flat or very tall cloud gets different scales rather than leave the page.
    let inner = Self.width - Self.left - Self.right
    return Frame(x: x, y: y, height: min(max(inner * ratio, 240), 560))
  }

  /// The range of the values with a margin on both sides.
  private static func range(_ values: [Double]) -> ClosedRange<Double> {
    let (low, high) = (values.min() ?? 0, values.max() ?? 0)
    let margin = high > low ? 0.04 * (high - low) : max(abs(low), 1)
    return low - margin...high + margin
  }

  private func place(_ x: Double, _ y: Double, _ frame: Frame) -> (x: Double, y: Double) {
    func position(_ value: Double, _ range: ClosedRange<Double>) -> Double {
      (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    }
    return (
      Self.left + position(x, frame.x) * (Self.width - Self.left - Self.right),
      Self.top + (1 - position(y, frame.y)) * frame.height
    )
  }

  /// Where the points are in the plot, in the units of its viewBox.
  package var places: [(x: Double, y: Double)] {
    let frame = frame
    return points.map { place($0.x, $0.y, frame) }
  }

  /// The plot. Both axes have the same scale, so that distances compare in all directions.
  package var svg: String {
    let frame = frame
    let height = frame.height + Self.top + Self.bottom
    let name = HTML.escape(title)
    var svg =
      "<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(height))\" role=\"img\" aria-label=\"\(name)\">\n"
      + "<text class=\"title\" x=\"0\" y=\"14\">\(name)</text>\n"
    svg += axes(frame.height)
    var kinds: [Int: [String]] = [:]
    for point in points {
      let (x, y) = place(point.x, point.y, frame)
      kinds[point.kind, default: []].append("\(Format.fixed(x, 1)) \(Format.fixed(y, 1))")
    }
    for (kind, places) in kinds.sorted(by: { $0.key < $1.key }) {
      svg +=
        kind < 0
        ? "<path class=\"unlabelled\" d=\"\(places.map { "M\($0)h0" }.joined())\"/>\n"
        : Palette.marks(kind, at: places) + "\n"
    }
    return svg + labels(frame) + "</svg>"
  }

  private func axes(_ height: Double) -> String {
    let (foot, end) = (Int(Self.top + height), Int(Self.width - Self.right))
    let (first, top) = (Int(Self.left), Int(Self.top))
    return "<path class=\"grid\" d=\"M\(first) \(top)H\(end)V\(foot)H\(first)z\"/>\n"
      + "<text x=\"\(end)\" y=\"\(foot + 16)\" text-anchor=\"end\">"
      + "\(HTML.escape(label))</text>\n"
  }

  /// The numbers of all marks, and those names that cover nothing.
  private func labels(_ frame: Frame) -> String {
    let kind = marks.count > 20 ? "mark many" : "mark"
    let places = marks.map { place($0.x, $0.y, frame) }
    var taken = places.map { (x: $0.x - 7...$0.x + 7, y: $0.y - 8...$0.y + 5) }
    var svg = ""
    for (mark, (x, y)) in zip(marks, places) {
      svg += "<text class=\"\(kind)\" x=\"\(Format.fixed(x, 1))\" y=\"\(Format.fixed(y, 1))\" "
      svg += "dy=\"4\">\(HTML.escape(mark.number))</text>\n"
      let half = 2.75 * Double(mark.name.count) + 2
      let middle = min(max(x, half), Self.width - half)
      let room = (x: middle - half...middle + half, y: y + 5.5...y + 16)
      guard !mark.name.isEmpty, half * 2 < Self.width,
        !taken.contains(where: { $0.x.overlaps(room.x) && $0.y.overlaps(room.y) })
      else { continue }
      taken.append(room)
      svg += "<text class=\"name\" x=\"\(Format.fixed(middle, 1))\" "
      svg += "y=\"\(Format.fixed(y + 14, 1))\">\(HTML.escape(mark.name))</text>\n"
    }
    return svg
  }
}
