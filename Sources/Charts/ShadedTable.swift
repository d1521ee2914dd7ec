import Diagnostics

/// A table of numbers whose cells are the darker, the larger their share.
package struct ShadedTable {
  package struct Cell {
    var text: String
    /// From 0 to 1.
    var shade: Double

    package init(text: String, shade: Double) {
      self.text = text
      self.shade = shade
    }
  }

  package struct Row {
    var name: String
    /// Nil for an empty cell.
    var cells: [Cell?]

    package init(name: String, cells: [Cell?]) {
      self.name = name
      self.cells = cells
    }
  }

  private let columns: [String]
  private let rows: [Row]

  package init(columns: [String], rows: [Row]) {
    self.columns = columns
    self.rows = rows
  }

  package var html: String {
    // Many or long names only fit vertically.
    let isTall = columns.reduce(0) { $0 + $1.count + 3 } > 80
    var html = "<div class=\"wide\"><table class=\"shaded\(isTall ? " small" : "")\">\n"
    html += "<thead><tr><th></th>"
    for column in columns {
      let name = HTML.escape(column)
      html += isTall ? "<th class=\"tall\"><span>\(name)</span></th>" : "<th>\(name)</th>"
    }
    html += "</tr></thead>\n<tbody>\n"
    for row in rows {
      html += "<tr><th>\(HTML.escape(row.name))</th>"
      html += row.cells.map(Self.html).joined() + "</tr>\n"
    }
    return html + "</tbody></table></div>"
  }

  private static func html(_ cell: Cell?) -> String {
    guard let cell, cell.shade > 0 else { return "<td></td>" }
    // A dark cell has white ink in either scheme; a light one lets the page shine through.
    let shade = Format.fixed(0.06 + 0.84 * min(1, cell.shade), 2)
    let ink = cell.shade > 0.55 ? ";color:#fff" : ""
    return "<td style=\"background:rgba(0,114,178,\(shade))\(ink)\">\(HTML.escape(cell.text))</td>"
  }
}
