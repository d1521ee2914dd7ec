/// Histograms of oriented gradients (Felzenszwalb et al. 2010) in cells of 8 x 8 pixels. A cell has
/// 9 unsigned orientations and 4 texture energies, normalised by the four blocks of 2 x 2 cells
/// around it. The outermost cells lack some of these blocks and have no features.
enum HOG {
  private static let cell = 8
  private static let cells = STL10Picture.side / cell
  private static let inner = cells - 2
  private static let orientations = 9
  private static let depth = orientations + 4
  /// The number of features, of shape `[10, 10, 13]`: row, column, orientations and textures.
  static let count = inner * inner * depth

  // Of the orientations' angles, 20° apart, rounded to four digits as in the authors' code.
  private static let cosines = [
    1.0000, 0.9397, 0.7660, 0.5000, 0.1736, -0.1736, -0.5000, -0.7660, -0.9397,
  ]
  private static let sines = [
    0.0000, 0.3420, 0.6428, 0.8660, 0.9848, 0.9848, 0.8660, 0.6428, 0.3420,
  ]

  static func compute(_ picture: STL10Picture, into row: UnsafeMutableBufferPointer<Float>) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: cells * cells * orientations) {
      $0.initialize(repeating: 0)
      addGradients(of: picture, to: $0)
      normalise($0, into: row)
    }
  }

  /// Adds the gradient magnitude of each pixel to the histograms of the four nearest cells,
  /// weighted bilinearly.
  ///
  /// - Parameter histogram: `[12, 12, 9]`: row, column, orientation.
  private static func addGradients(
    of picture: STL10Picture, to histogram: UnsafeMutableBufferPointer<Double>
  ) {
    for y in 1..<STL10Picture.side - 1 {
      let (row, lower) = cellWeights(y)
      for x in 1..<STL10Picture.side - 1 {
        let (magnitude, orientation) = gradient(picture, y, x)
        let (column, right) = cellWeights(x)
        for (i, byRow) in [(row, 1 - lower), (row + 1, lower)] where (0..<cells).contains(i) {
          for (j, share) in [(column, 1 - right), (column + 1, right)]
          where (0..<cells).contains(j) {
            histogram[(i * cells + j) * orientations + orientation] += byRow * share * magnitude
          }
        }
      }
    }
  }

  /// The last cell with its centre at or before a pixel, and the weight of the cell after it; along
  /// one direction.
  @inline(__always)
  private static func cellWeights(_ pixel: Int) -> (cell: Int, share: Double) {
    let position = (Double(pixel) + 0.5) / Double(cell) - 0.5
    let floor = position.rounded(.down)
    return (Int(floor), position - floor)
  }

  /// The gradient of the channel where it is largest: its magnitude, and the orientation nearest to
  /// it.
  @inline(__always)
  private static func gradient(
    _ picture: STL10Picture, _ y: Int, _ x: Int
  ) -> (magnitude: Double, orientation: Int) {
    var (dx, dy, square) = (0, 0, -1)
    for channel in 0..<3 {
      let across = Int(picture[y, x + 1, channel]) - Int(picture[y, x - 1, channel])
      let down = Int(picture[y + 1, x, channel]) - Int(picture[y - 1, x, channel])
      if across * across + down * down > square {
        (dx, dy, square) = (across, down, across * across + down * down)
      }
    }
    var (best, orientation) = (0.0, 0)
    for o in 0..<orientations {
      let projection = abs(cosines[o] * Double(dx) + sines[o] * Double(dy))
      if projection > best { (best, orientation) = (projection, o) }
    }
    return (Double(square).squareRoot(), orientation)
  }

  private static func normalise(
    _ histogram: UnsafeMutableBufferPointer<Double>, into row: UnsafeMutableBufferPointer<Float>
  ) {
    func energy(_ y: Int, _ x: Int) -> Double {
      let start = (y * cells + x) * orientations
      return histogram[start..<start + orientations].reduce(0) { $0 + $1 * $1 }
    }
    for y in 1...inner {
      for x in 1...inner {
        let out = ((y - 1) * inner + x - 1) * depth
        let start = (y * cells + x) * orientations
        for o in 0..<orientations { row[out + o] = 0 }
        for (block, corner) in [(1, 1), (-1, 1), (1, -1), (-1, -1)].enumerated() {
          let (v, u) = (y + corner.0, x + corner.1)
          let sum = energy(y, x) + energy(y, u) + energy(v, x) + energy(v, u)
          let factor = 1 / (sum + 1e-4).squareRoot()
          var texture = 0.0
          for o in 0..<orientations {
            let h = min(0.2, histogram[start + o] * factor)
            row[out + o] += Float(0.5 * h)
            texture += h
          }
          row[out + orientations + block] = Float(0.2357 * texture)
        }
      }
    }
  }
}
