import Diagnostics

/// A line chart, as SVG.
package struct LineChart {
  package struct Series {
    var name: String
    var points: [(x: Double, y: Double)]

    package init(name: String, points: [(x: Double, y: Double)]) {
      self.name = name
      self.points = points
    }
  }

  var title: String
  package var xLabel = "iteration"
  var series: [Series]
  var scale = Axis.Scale.linear
  /// The unit after the labels of y, such as " %".
  var unit = ""
  /// A horizontal dashed line with its name, such as a tolerance.
  package var reference: (value: Double, name: String)?
  /// Vertical dashed lines with their names.
  package var marks: [(x: Double, name: String)] = []
  /// Vertical bars around points of the first line.
  package var intervals: [(x: Double, low: Double, high: Double)] = []
  /// Whether the legend has the last value of each line.
  package var namesLastValues = true

  package init(
    title: String, series: [Series], scale: Axis.Scale = .linear, unit: String = ""
  ) {
    self.title = title
    self.series = series
    self.scale = scale
    self.unit = unit
  }

  private static let (width, height) = (360.0, 230.0)
  private static let (left, right, top, bottom) = (52.0, 22.0, 44.0, 38.0)
  private static let dashes = ["", "7 3", "2 3"]
  /// The most points that are drawn of a line; of more, an evenly spaced selection.
  private static let mostPoints = 400

  /// The chart; nil where no line has a finite point.
  package var svg: String? {
    let shown = series.map { Series(name: $0.name, points: thinned($0.points)) }
      .filter { !$0.points.isEmpty }
    guard !shown.isEmpty else { return nil }
    let points = shown.flatMap(\.points)
    let x = Axis(points.map(\.x), count: 4, zero: true)
    let y = Axis(
      points.map(\.y) + (reference.map { [$0.value] } ?? [])
        + intervals.flatMap { [$0.low, $0.high] }, scale: scale, count: 4)
    let name = HTML.escape(title)
    var svg =
      "<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\" "
      + "aria-label=\"\(name)\">\n<text class=\"title\" x=\"0\" y=\"14\">\(name)</text>\n"
    svg += grid(x, y)
    if let reference { svg += line(at: reference.value, reference.name, y) }
    svg += bars(x, y)
    for (i, series) in shown.enumerated() { svg += curve(series, i, x, y) }
    svg += legend(shown)
    return svg + "</svg>"
  }

  private func thinned(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
    let finite = points.filter { $0.x.isFinite && $0.y.isFinite }
    guard finite.count > Self.mostPoints else { return finite }
    return (0..<Self.mostPoints).map { finite[$0 * (finite.count - 1) / (Self.mostPoints - 1)] }
  }

  private func across(_ value: Double, _ axis: Axis) -> Double {
    Self.left + axis.position(value) * (Self.width - Self.left - Self.right)
  }

  private func up(_ value: Double, _ axis: Axis) -> Double {
    Self.height - Self.bottom - axis.position(value) * (Self.height - Self.top - Self.bottom)
  }

  private func grid(_ x: Axis, _ y: Axis) -> String {
    var svg = ""
    let (end, foot) = (Self.width - Self.right, Self.height - Self.bottom)
    for tick in y.ticks {
      let place = Format.fixed(up(tick, y), 1)
      svg += "<path class=\"grid\" d=\"M\(Int(Self.left)) \(place)H\(Int(end))\"/>"
      svg += "<text x=\"\(Int(Self.left) - 6)\" y=\"\(place)\" dy=\"4\" text-anchor=\"end\">"
      svg += "\(y.label(tick))\(unit)</text>\n"
    }
    for tick in x.ticks {
      let place = Format.fixed(across(tick, x), 1)
      svg += "<path class=\"axis\" d=\"M\(place) \(Int(foot))v4\"/>"
      svg += "<text x=\"\(place)\" y=\"\(Int(foot) + 16)\" text-anchor=\"middle\">"
      svg += "\(x.label(tick))</text>\n"
    }
    svg += "<path class=\"axis\" d=\"M\(Int(Self.left)) \(Int(foot))H\(Int(end))\"/>"
    let middle = Format.fixed((Self.left + end) / 2, 0)
    return svg + "<text x=\"\(middle)\" y=\"\(Int(Self.height) - 6)\" text-anchor=\"middle\">"
      + "\(HTML.escape(xLabel))</text>\n"
  }

  private func line(at value: Double, _ name: String, _ y: Axis) -> String {
    let place = Format.fixed(up(value, y), 1)
    let end = Int(Self.width - Self.right)
    return "<path class=\"limit\" "
      + "d=\"M\(Int(Self.left)) \(place)H\(end)\"/>"
      + "<text x=\"\(Int(Self.left) + 4)\" y=\"\(place)\" dy=\"-4\">\(HTML.escape(name))</text>\n"
  }

  /// The marks and the intervals.
  private func bars(_ x: Axis, _ y: Axis) -> String {
    var svg = ""
    let foot = Int(Self.height - Self.bottom)
    for mark in marks {
      let place = Format.fixed(across(mark.x, x), 1)
      svg += "<path stroke=\"#555\" stroke-dasharray=\"3 3\" fill=\"none\" "
      svg += "d=\"M\(place) \(Int(Self.top))V\(foot)\"/>"
      svg += "<text x=\"\(place)\" y=\"\(foot - 4)\" dx=\"3\">\(HTML.escape(mark.name))</text>\n"
    }
    for bar in intervals where bar.low.isFinite && bar.high.isFinite {
      svg += "<path stroke=\"\(Palette.colour(0))\" opacity=\"0.5\" fill=\"none\" "
      svg += "d=\"M\(Format.fixed(across(bar.x, x), 1)) \(Format.fixed(up(bar.low, y), 1))"
      svg += "V\(Format.fixed(up(bar.high, y), 1))\"/>\n"
    }
    return svg
  }

  private func curve(_ series: Series, _ index: Int, _ x: Axis, _ y: Axis) -> String {
    let places = series.points.map {
      "\(Format.fixed(across($0.x, x), 1)) \(Format.fixed(up($0.y, y), 1))"
    }
    let colour = Palette.colour(index)
    var svg = "<path fill=\"none\" stroke=\"\(colour)\" stroke-width=\"1.8\" "
    svg += "stroke-linejoin=\"round\" stroke-dasharray=\"\(Self.dashes[index % 3])\" "
    svg += "d=\"M\(places.joined(separator: "L"))\"/>"
    // A dot at the end of the line, which also shows a line of one point.
    let end = places[places.count - 1].split(separator: " ")
    return svg + "<circle cx=\"\(end[0])\" cy=\"\(end[1])\" r=\"2.6\" fill=\"\(colour)\"/>\n"
  }

  /// The names and last values of the lines, above the chart.
  private func legend(_ shown: [Series]) -> String {
    var x = Self.left
    var svg = ""
    for (i, series) in shown.enumerated() {
      let value = Format.short(series.points[series.points.count - 1].y) + unit
      let text =
        namesLastValues
        ? shown.count > 1 ? "\(series.name) \(value)" : "at the end \(value)" : series.name
      svg += "<path stroke=\"\(Palette.colour(i))\" stroke-width=\"2\" fill=\"none\" "
      svg += "stroke-dasharray=\"\(Self.dashes[i % 3])\" d=\"M\(Int(x)) 29h18\"/>"
      svg += "<text x=\"\(Int(x) + 23)\" y=\"33\">\(HTML.escape(text))</text>\n"
      x += 23 + 6.2 * Double(text.count) + 16
    }
    return svg
  }
}
