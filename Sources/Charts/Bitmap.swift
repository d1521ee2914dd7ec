/// A picture in shades of grey, for a page that holds its pictures itself.
package struct Bitmap {
  let width: Int
  let height: Int
  /// `[height, width]`, 0 for black.
  var pixels: [UInt8]

  package init(width: Int, height: Int) {
    self.width = width
    self.height = height
    pixels = [UInt8](repeating: 0xff, count: width * height)
  }

  /// Draws a picture.
  ///
  /// - Parameters:
  ///   - picture: `[height, width]`, row after row.
  ///   - width: Of the picture.
  ///   - column: Where its left edge comes to lie; its upper one lies at the top.
  package mutating func draw(_ picture: [UInt8], width: Int, atColumn column: Int) {
    for (e, value) in picture.enumerated() {
      pixels[e / width * self.width + column + e % width] = value
    }
  }

  /// An `img` element that holds the picture.
  ///
  /// - Parameter zoom: Pixels of the page for one of the picture.
  package func html(alternative: String, zoom: Int = 2) -> String {
    let picture = PNG(.grey, width: width, height: height, values: pixels)
    return "<img alt=\"\(HTML.escape(alternative))\" width=\"\(width * zoom)\" "
      + "height=\"\(height * zoom)\" style=\"image-rendering:pixelated\" "
      + "src=\"\(picture.uri)\">"
  }
}
