import Diagnostics

/// Builds HTML as text.
package enum HTML {
  /// Escapes `text` for use between tags or in a quoted attribute. What is not plain
  /// (`PlainText`) becomes U+FFFD.
  package static func escape(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      case "\t", "\n": escaped += " "
      case _ where !PlainText.isPlain(scalar): escaped += "\u{fffd}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// A part of the page under a heading.
  package static func section(_ heading: String, _ parts: [String]) -> String {
    "<section>\n<h2>\(escape(heading))</h2>\n\(parts.joined(separator: "\n"))\n</section>"
  }

  /// A paragraph; `html` is not escaped.
  package static func note(_ html: String) -> String { "<p>\(html)</p>" }

  /// A table; the cells are HTML and are not escaped.
  ///
  /// - Parameters:
  ///   - header: The cells of the header row; an empty array leaves it out.
  ///   - kind: The CSS class of the table: "numbers" aligns all columns but the first to the right.
  package static func table(_ header: [String], _ rows: [[String]], _ kind: String) -> String {
    var html = "<div class=\"wide\"><table class=\"\(kind)\">\n"
    if !header.isEmpty {
      html += "<thead><tr>\(header.map { "<th>\($0)</th>" }.joined())</tr></thead>\n"
    }
    html += "<tbody>\n"
    for row in rows { html += "<tr>\(row.map { "<td>\($0)</td>" }.joined())</tr>\n" }
    return html + "</tbody></table></div>"
  }

  /// Pictures side by side where there is room.
  package static func figures(_ pictures: [String], _ kind: String = "") -> String {
    "<div class=\"figures \(kind)\">\n"
      + pictures.map { "<figure>\($0)</figure>" }.joined(separator: "\n") + "\n</div>"
  }

  /// The whole page.
  package static func page(title: String, body: [String]) -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(escape(title))</title>
    <style>
    \(style)
    </style>
    </head>
    <body>
    <main>
    \(body.joined(separator: "\n"))
    </main>
    </body>
    </html>

    """
  }

  private static let style = """
    :root { color-scheme: light; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    body { margin: 0; background: #fff; color: #1b1b1b; font: 15px/1.5 system-ui, sans-serif; }
    main { max-width: 1120px; margin: 0 auto; padding: 28px 24px 60px; }
    h1 { font-size: 26px; line-height: 1.2; margin: 0 0 4px; overflow-wrap: anywhere; }
    h2 { font-size: 18px; margin: 38px 0 8px; padding-bottom: 4px; border-bottom: 1px solid #ccc; }
    h3 { font-size: 15px; margin: 18px 0 4px; }
    p { margin: 6px 0; max-width: 50em; }
    .facts { color: #555; }
    .warning { border-left: 4px solid #d55e00; padding: 4px 12px; background: #fdf3ec; }
    .wide { overflow-x: auto; }
    table { border-collapse: collapse; margin: 10px 0; font-variant-numeric: tabular-nums; }
    th { text-align: left; font-weight: 600; font-size: 13px; color: #555; }
    th, td { padding: 4px 12px 4px 0; vertical-align: top; border-bottom: 1px solid #e6e6e6; }
    .numbers th + th, .numbers td + td { text-align: right; padding-left: 12px; }
    .scores td { font-size: 20px; } .scores td, .scores th { padding-right: 24px; }
    .scores td:first-child { font-size: 15px; padding-top: 9px; }
    .scores tr:last-child td { color: #555; }
    .clusters td { font-size: 14px; }
    .clusters td:nth-child(-n+4), .clusters th { white-space: nowrap; }
    .clusters .ids { font-size: 12px; color: #555; overflow-wrap: anywhere; }
    .terms { display: inline-block; min-width: 17em; }
    .bar { display: inline-block; height: 9px; background: #0072b2; border-radius: 1px; }
    .swatch { display: inline-block; width: 11px; height: 11px; margin-right: 6px; }
    .swatch svg { width: 11px; height: 11px; }
    .confusion th, .confusion td { border: 1px solid #fff; padding: 3px 8px; text-align: right; }
    .confusion th { border: 0; white-space: nowrap; }
    .small th, .small td { font-size: 11px; padding: 1px 5px; }
    .confusion .tall { vertical-align: bottom; }
    .confusion .tall span { writing-mode: vertical-rl; transform: rotate(180deg); }
    .confusion b { font-weight: 700; }
    .figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(320px, 1fr)); gap: 12px; }
    .figures.large { grid-template-columns: repeat(auto-fit, minmax(400px, 1fr)); }
    figure { margin: 0; }
    figure svg { width: 100%; height: auto; max-width: 640px; display: block; }
    svg text { font: 11px system-ui, sans-serif; fill: #444; }
    svg .title { font-size: 13px; font-weight: 600; fill: #1b1b1b; }
    svg .mark { font-size: 13px; font-weight: 700; fill: #1b1b1b; stroke: #fff; stroke-width: 3px;
      paint-order: stroke; text-anchor: middle; }
    svg .many { font-size: 9px; stroke-width: 2px; }
    svg .grid { stroke: #e6e6e6; fill: none; }
    svg .axis { stroke: #888; fill: none; }
    .legend { font-size: 13px; color: #333; } .legend span { white-space: nowrap; margin-right: 14px; }
    .settings { columns: 3 260px; column-gap: 32px; font-size: 13px; }
    .settings div { break-inside: avoid; } .settings h3 { margin-top: 0; }
    .settings dl { display: grid; grid-template-columns: auto 1fr; gap: 1px 12px; margin: 4px 0 14px; }
    .settings dt { color: #555; } .settings dd { margin: 0; overflow-wrap: anywhere; }
    @media print {
      main { max-width: none; padding: 0; } body { font-size: 12px; }
      h2, h3 { break-after: avoid; } figure, tr { break-inside: avoid; }
      .figures { grid-template-columns: repeat(3, 1fr); }
      .figures.large { grid-template-columns: repeat(2, 1fr); }
      .clusters th, .clusters td { font-size: 10px; padding-right: 8px; }
      .clusters th { white-space: normal; }
      .terms { display: inline-block; min-width: 17em; }
    .bar { max-width: 40px; } .wide { overflow: visible; }
    }
    """
}
