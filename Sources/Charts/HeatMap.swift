import Diagnostics

/// A square of values from 0 to 1, darker where they are larger, as SVG with a picture inside: a
/// page takes 200 x 200 values as easily as 4 x 4.
package struct HeatMap {
  private let values: [[Double]]
  private let names: [String]
  private let title: String

  /// - Parameter names: Short names of the rows, which are those of the columns, too.
  package init(title: String, values: [[Double]], names: [String]) {
    self.title = title
    self.values = values
    self.names = names
  }

  private static let (side, margin) = (360.0, 26.0)
  /// The darkest colour; lighter ones let the page shine through.
  private static let ink: [UInt8] = [0, 114, 178]
  private static let mostNames = 40

  package var svg: String {
    let k = values.count
    let pixels = values.flatMap { row in
      row.flatMap { Self.ink + [UInt8(255 * min(max($0, 0), 1))] }
    }
    let picture = PNG(.rgba, width: k, height: k, values: pixels)
    let cell = (Self.side - Self.margin) / Double(k)
    let name = HTML.escape(title)
    var svg =
      "<svg viewBox=\"0 0 \(Int(Self.side)) \(Int(Self.side))\" role=\"img\" aria-label=\"\(name)\">\n"
    svg += "<image class=\"pixels\" x=\"\(Int(Self.margin))\" y=\"\(Int(Self.margin))\" "
    svg += "width=\"\(Int(Self.side - Self.margin))\" height=\"\(Int(Self.side - Self.margin))\" "
    svg += "preserveAspectRatio=\"none\" href=\"\(picture.uri)\"/>\n"
    let step = (k + Self.mostNames - 1) / Self.mostNames
    let kind = cell < 14 ? " class=\"tiny\"" : ""
    for i in stride(from: 0, to: k, by: max(1, step)) {
      let middle = Format.fixed(Self.margin + cell * (Double(i) + 0.5), 1)
      let text = HTML.escape(names[i])
      svg += "<text\(kind) x=\"\(middle)\" y=\"\(Int(Self.margin) - 5)\" "
      svg += "text-anchor=\"middle\">\(text)</text>"
      svg += "<text\(kind) x=\"\(Int(Self.margin) - 4)\" y=\"\(middle)\" dy=\"4\" "
      svg += "text-anchor=\"end\">\(text)</text>\n"
    }
    return svg + "</svg>"
  }
}
