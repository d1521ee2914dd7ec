/// The number of rows of products whose bits must not depend on how documents are divided among the
/// ranks. The bits of an OpenBLAS product depend on its shape, so documents lie on a fixed grid of
/// tiles, and each product computes one tile.
public enum Tile {
  /// Rows of a tile of a minibatch: index v of the global minibatch is row v mod 64 of its tile.
  public static let minibatch = 64
  /// Rows of a tile of the corpus: document i of the dataset is row i mod 256 of its tile.
  public static let corpus = 256

  /// The indices of the corpus's tiles that hold documents of `range`.
  public static func covering(_ range: Range<Int>) -> Range<Int> {
    range.lowerBound / corpus..<(range.upperBound + corpus - 1) / corpus
  }

  /// The documents of the tile with index `tile` of the corpus.
  public static func documents(_ tile: Int) -> Range<Int> {
    tile * corpus..<(tile + 1) * corpus
  }
}
