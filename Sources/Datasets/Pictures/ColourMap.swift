/// The colour map of a picture: its chroma (Cr and Cb) at 8 x 8 pixels, bit for bit as OpenCV's
/// bilinear resize and RGB2YCrCb compute it on bytes.
enum ColourMap {
  private static let side = 8
  /// The number of features, of shape `[8, 8, 2]`: row, column, Cr and Cb.
  static let count = side * side * 2

  static func compute(_ picture: STL10Picture, into row: UnsafeMutableBufferPointer<Float>) {
    let step = STL10Picture.side / side
    for i in 0..<side {
      for j in 0..<side {
        // A bilinear resize takes the centre of a block of 12 x 12 pixels: the mean of the four
        // pixels in its middle.
        let (y, x) = (step * i + step / 2 - 1, step * j + step / 2 - 1)
        func mean(_ channel: Int) -> Int {
          let sum =
            Int(picture[y, x, channel]) + Int(picture[y, x + 1, channel])
            + Int(picture[y + 1, x, channel]) + Int(picture[y + 1, x + 1, channel])
          return (sum + 2) / 4
        }
        let (red, green, blue) = (mean(0), mean(1), mean(2))
        // Fixed-point weights of 14 bits, for luma 0.299, 0.587 and 0.114, for chroma 0.713 and
        // 0.564.
        let y14 = (4899 * red + 9617 * green + 1868 * blue + (1 << 13)) >> 14
        func chroma(_ difference: Int, _ weight: Int) -> Float {
          Float(min(255, max(0, (difference * weight + (128 << 14) + (1 << 13)) >> 14)))
        }
        row[2 * (side * i + j)] = chroma(red - y14, 11_682)
        row[2 * (side * i + j) + 1] = chroma(blue - y14, 9241)
      }
    }
  }
}
