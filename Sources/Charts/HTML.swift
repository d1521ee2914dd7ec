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
  ///
  /// - Parameter id: What a link to it names; nil where there is none.
  package static func section(
    _ heading: String, id: String? = nil, _ parts: [String]
  ) -> String {
    "<section\(id.map { " id=\"\($0)\"" } ?? "")>\n<h2>\(escape(heading))</h2>\n\(parts.joined(separator: "\n"))\n</section>"
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
  ///
  /// - Parameters:
  ///   - data: JSON that the script reads; nil for a page without a script.
  ///   - script: What moves on the page.
  package static func page(
    title: String, body: [String], data: String? = nil, script: String = ""
  ) -> String {
    // In a script element "</" and "<!--" would end what they stand in.
    let safe = data.map { $0.split(separator: "<", omittingEmptySubsequences: false) }
    let scripts =
      safe.map {
        """
        <script type="application/json" id="data">\($0.joined(separator: "\\u003c"))</script>
        <script>
        \(script)
        </script>

        """
      } ?? ""
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(escape(title))</title>
      <style>
      \(PageStyle.css)
      </style>
      </head>
      <body>
      <main>
      \(body.joined(separator: "\n"))
      </main>
      \(scripts)</body>
      </html>

      """
  }
}
