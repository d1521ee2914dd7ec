/// A picture of STL-10: 96 x 96 pixels as three planes, red, green and blue, each in column order.
struct STL10Picture {
  /// Pixels of a row, and of a column.
  static let side = 96
  static let bytes = 3 * side * side

  let planes: UnsafeRawBufferPointer

  /// - Parameter planes: The picture's 27,648 bytes, which have to outlive it.
  init(_ planes: UnsafeRawBufferPointer) {
    precondition(planes.count == Self.bytes)
    self.planes = planes
  }

  @inline(__always)
  subscript(y: Int, x: Int, channel: Int) -> UInt8 {
    planes[(channel * Self.side + x) * Self.side + y]
  }
}

/// The features of the paper's STL-HOG (Section 4.1), as the authors' code computes them: HOG,
/// `[10, 10, 13]`, as (v - 0.2)·10, then the colour map, `[8, 8, 2]`, as (v - 128)/10.
enum STL10Features {
  static let count = HOG.count + ColourMap.count

  static func compute(_ picture: STL10Picture, into row: UnsafeMutableBufferPointer<Float>) {
    let hog = UnsafeMutableBufferPointer(rebasing: row[..<HOG.count])
    HOG.compute(picture, into: hog)
    for i in hog.indices { hog[i] = (hog[i] - 0.2) * 10 }
    let colours = UnsafeMutableBufferPointer(rebasing: row[HOG.count...])
    ColourMap.compute(picture, into: colours)
    for i in colours.indices { colours[i] = (colours[i] - 128) / 10 }
  }
}
