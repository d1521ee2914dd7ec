/// Heights of the products whose bits must not depend on how documents are shared out among ranks. OpenBLAS's
/// bits depend on a product's shape, so documents lie on fixed grids, and each product takes one tile of one.
public enum Tile {
  /// Of a minibatch: the document at index v of the whole minibatch is row v mod 64.
  public static let minibatch = 64
  /// Of the corpus: document i of the whole dataset is row i mod 256.
  public static let corpus = 256

  /// The tiles of the corpus that hold documents of `range`.
  public static func covering(_ range: Range<Int>) -> Range<Int> {
    range.lowerBound / corpus..<(range.upperBound + corpus - 1) / corpus
  }

  /// The documents of tile `tile` of the corpus.
  public static func documents(_ tile: Int) -> Range<Int> {
    tile * corpus..<(tile + 1) * corpus
  }
}
