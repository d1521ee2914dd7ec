/// Colours and shapes that distinguish clusters, also for colour-blind readers and, by shape, in
/// print without colours.
package enum Palette {
  /// Okabe and Ito's colours without black and yellow, then grey and the wine of Tol's palette.
  static let colours = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#666666", "#882255",
  ]

  static func colour(_ index: Int) -> String { colours[index % colours.count] }

  /// The shape changes each time the colours repeat, which makes 32 distinct marks.
  enum Shape: Int, CaseIterable {
    case dot
    case square
    case triangle
    case diamond

    init(_ index: Int) { self = Self.allCases[index / Palette.colours.count % 4] }

    /// SVG path commands, relative to the centre. A dot is the round cap of a line of length 0.
    var path: String {
      switch self {
      case .dot: "h0"
      case .square: "m-2-2h4v4h-4z"
      case .triangle: "m0-2.6l2.6 4.7h-5.2z"
      case .diamond: "m0-3l3 3l-3 3l-3-3z"
      }
    }
  }

  /// A path of marks of one colour and shape, at `places` such as "12.5 30".
  static func marks(_ index: Int, at places: [String], opacity: Double = 0.75) -> String {
    let shape = Shape(index)
    let paint =
      shape == .dot
      ? "stroke=\"\(colour(index))\" stroke-width=\"3.6\" stroke-linecap=\"round\" fill=\"none\""
      : "fill=\"\(colour(index))\""
    return "<path \(paint) opacity=\"\(opacity)\" d=\""
      + places.map { "M\($0)\(shape.path)" }.joined() + "\"/>"
  }

  /// A mark for use before a name in running text.
  package static func swatch(_ index: Int) -> String {
    "<span class=\"swatch\"><svg viewBox=\"-3 -3 6 6\">\(marks(index, at: ["0 0"], opacity: 1))"
      + "</svg></span>"
  }
}
