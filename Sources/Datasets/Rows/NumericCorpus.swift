/// A numeric corpus: documents with their rows.
public struct NumericCorpus {
  public enum Rows {
    case dense(any DenseRows)
    case sparse(SparseStore)
  }

  public var corpus: Corpus
  public var rows: Rows
  /// The shape of the pictures whose pixels are the rows; nil where the rows are no pictures.
  public var picture: PictureShape?

  /// Makes a corpus of documents without labels, whose ids are 0, 1, ....
  init(_ rows: Rows) {
    self.rows = rows
    corpus = Corpus()
    let count =
      switch rows {
      case .dense(let rows): rows.count
      case .sparse(let rows): rows.count
      }
    corpus.ids = (0..<count).map(String.init)
    corpus.labels = [Int32](repeating: -1, count: count)
  }

  /// d.
  public var features: Int {
    switch rows {
    case .dense(let rows): rows.features
    case .sparse(let rows): rows.features
    }
  }
}
