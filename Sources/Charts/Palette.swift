/// Colours and shapes that tell clusters apart, also without colour vision and, by shape, in print.
package enum Palette {
  /// Okabe and Ito's colours without black and yellow, then grey and Tol's wine.
  static let colours = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#666666", "#882255",
  ]

  static func colour(_ index: Int) -> String { colours[index % colours.count] }

  /// Dots, then squares, triangles and diamonds where colours repeat: 32 differ.
  enum Shape: Int, CaseIterable {
    case dot
    case square
    case triangle
    case diamond

    init(_ index: Int) { self = Self.allCases[index / Palette.colours.count % 4] }

    /// Drawn from its centre by `m`; a dot is the round end of a line without length.
    var path: String {
      switch self {
      case .dot: "h0"
      case .square: "m-2-2h4v4h-4z"
      case .triangle: "m0-2.6l2.6 4.7h-5.2z"
      case .diamond: "m0-3l3 3l-3 3l-3-3z"
      }
    }
  }

  /// A path of many marks of one kind. Each of `places` is "x y".
  static func marks(_ index: Int, at places: [String], opacity: Double = 0.75) -> String {
    let shape = Shape(index)
    let paint =
      shape == .dot
      ? "stroke=\"\(colour(index))\" stroke-width=\"3.6\" stroke-linecap=\"round\" fill=\"none\""
      : "fill=\"\(colour(index))\""
    return "<path \(paint) opacity=\"\(opacity)\" d=\""
      + places.map { "M\($0)\(shape.path)" }.joined() + "\"/>"
  }

  /// A mark to stand before a name in running text.
  package static func swatch(_ index: Int) -> String {
    "<span class=\"swatch\"><svg viewBox=\"-3 -3 6 6\">\(marks(index, at: ["0 0"], opacity: 1))"
      + "</svg></span>"
  }
}
