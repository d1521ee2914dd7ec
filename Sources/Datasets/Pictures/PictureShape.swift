/// The shape of the pictures whose pixels are the rows of a dataset, `[height, width]` in row order
/// with one value a pixel.
public struct PictureShape: Codable, Equatable, Sendable {
  public var height: Int
  public var width: Int

  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// The number of pixels.
  public var count: Int { height * width }
}
