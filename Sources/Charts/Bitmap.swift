import FoundationEssentials

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

  /// A BMP of 256 shades of grey: rows from the bottom up, padded to four bytes.
  private var file: [UInt8] {
    func little(_ value: Int, _ bytes: Int) -> [UInt8] {
      (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let stride = (width + 3) / 4 * 4
    let start = 14 + 40 + 4 * 256
    var bytes = Array("BM".utf8) + little(start + stride * height, 4) + little(0, 4)
    bytes += little(start, 4)
    bytes += little(40, 4) + little(width, 4) + little(height, 4) + little(1, 2) + little(8, 2)
    bytes += little(0, 4) + little(stride * height, 4) + little(2835, 4) + little(2835, 4)
    bytes += little(256, 4) + little(0, 4)
    for grey in 0..<256 { bytes += [UInt8(grey), UInt8(grey), UInt8(grey), 0] }
    for y in (0..<height).reversed() {
      bytes += pixels[y * width..<(y + 1) * width]
      bytes += [UInt8](repeating: 0, count: stride - width)
    }
    return bytes
  }

  /// An `img` element that holds the picture.
  ///
  /// - Parameter zoom: Pixels of the page for one of the picture.
  package func html(alternative: String, zoom: Int = 2) -> String {
    "<img alt=\"\(HTML.escape(alternative))\" width=\"\(width * zoom)\" "
      + "height=\"\(height * zoom)\" style=\"image-rendering:pixelated\" "
      + "src=\"data:image/bmp;base64,\(Data(file).base64EncodedString())\">"
  }
}
