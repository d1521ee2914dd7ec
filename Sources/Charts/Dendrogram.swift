import Diagnostics

/// A tree of clusters, as SVG: leaves at the right, one below the other.
package struct Dendrogram {
  /// Two groups that become one: i < k is leaf i, k + m the group that merge m made.
  package typealias Merge = (first: Int, second: Int, height: Double)

  private let merges: [Merge]
  private let order: [Int]
  private let leaves: [(colour: Int, name: String)]

  /// - Parameters:
  ///   - merges: In the order of their heights.
  ///   - order: The leaves from top to bottom.
  ///   - leaves: The colour index and the name of each leaf, by its number.
  package init(merges: [Merge], order: [Int], leaves: [(colour: Int, name: String)]) {
    self.merges = merges
    self.order = order
    self.leaves = leaves
  }

  private static let (width, tree, row, top) = (420.0, 150.0, 18.0, 6.0)

  package var svg: String {
    let height = Self.top * 2 + Self.row * Double(order.count)
    var svg =
      "<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(height))\" role=\"img\" "
      + "aria-label=\"Tree of the clusters\">\n<path class=\"branch\" d=\""
    let highest = max(merges.map(\.height).max() ?? 0, 1e-300)
    var places: [Int: (x: Double, y: Double)] = [:]
    for (row, leaf) in order.enumerated() {
      places[leaf] = (Self.tree, Self.top + Self.row * (Double(row) + 0.5))
    }
    for (m, merge) in merges.enumerated() {
      let (a, b) = (places[merge.first]!, places[merge.second]!)
      let x = 4 + (Self.tree - 4) * (1 - merge.height / highest)
      svg += "M\(Format.fixed(a.x, 1)) \(Format.fixed(a.y, 1))H\(Format.fixed(x, 1))"
      svg += "V\(Format.fixed(b.y, 1))H\(Format.fixed(b.x, 1))"
      places[order.count + m] = (x, (a.y + b.y) / 2)
    }
    svg += "\"/>\n"
    for leaf in order {
      let y = places[leaf]!.y
      svg += "<g transform=\"translate(\(Int(Self.tree) + 8) \(Format.fixed(y, 1)))\">"
      svg += Palette.marks(leaves[leaf].colour, at: ["0 0"], opacity: 1)
      svg += "<text x=\"9\" dy=\"4\">\(HTML.escape(leaves[leaf].name))</text></g>\n"
    }
    return svg + "</svg>"
  }
}
