import Datasets
import DenseMath

/// What a corpus is made of, as far as the default settings depend on it.
public enum CorpusKind: String, CaseIterable, Sendable {
  /// Sparse rows, such as tf-idf features.
  case text
  /// Dense rows of nearly equal length, such as sentence embeddings.
  case embeddings
  /// Dense rows of pixels.
  case pictures
  /// Other dense rows.
  case vectors

  /// - Parameters:
  ///   - least: The smallest ‖x‖² of the rows that are not 0.
  ///   - most: The largest.
  public init(isSparse: Bool, isPicture: Bool, least: Double, most: Double) {
    // Lengths that differ by a fifth at most.
    self =
      isSparse
      ? .text : isPicture ? .pictures : least > 0 && most <= 1.44 * least ? .embeddings : .vectors
  }

  /// The kind of the documents of all ranks. Collective.
  public init(of data: TrainingData) {
    var (least, most) = (Double.infinity, 0.0)
    if !data.isSparse && !data.isPicture {
      var rows = InputRows(columns: data.features, isSparse: false)
      for tile in Tile.covering(data.shard.range) {
        data.shard.gather(Tile.documents(tile).clamped(to: data.shard.range), into: &rows)
        let x = Rows(rows.dense)
        for i in x.indices {
          var square = 0.0
          for c in 0..<x.columns { square += Double(x[i, c]) * Double(x[i, c]) }
          if square > 0 { (least, most) = (min(least, square), max(most, square)) }
        }
      }
    }
    least = -data.world.allReduce(-least, by: .maximum)
    most = data.world.allReduce(most, by: .maximum)
    self.init(
      isSparse: data.isSparse, isPicture: data.isPicture, least: least.isFinite ? least : 0,
      most: most)
  }

  /// The kind of a dataset, by what was seen in one pass over its rows.
  public init(_ summary: DatasetSummary) {
    self.init(
      isSparse: summary.layout == .csr, isPicture: summary.picture != nil,
      least: summary.norms.least, most: summary.norms.most)
  }
}
