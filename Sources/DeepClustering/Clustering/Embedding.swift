import Datasets
import DenseMath

extension FeedForward {
  /// Embeds all documents of a shard, tile by tile on all threads.
  ///
  /// - Parameter body: Gets the documents, and their outputs from row `first` of a matrix; called
  ///   from several threads, for disjoint documents.
  func forEachTile(
    of shard: Shard, _ body: (_ documents: Range<Int>, _ outputs: Matrix, _ first: Int) -> Void
  ) {
    let range = shard.range
    guard !range.isEmpty else { return }
    let tiles = Tile.covering(range)
    let parts = min(Threads.count, tiles.count)
    Threads.forEachAlone(parts) { part in
      var rows = InputRows(columns: shard.features, isSparse: shard.isSparse)
      var pass = Pass(self)
      for tile in tiles where tile % parts == part {
        let whole = Tile.documents(tile)
        let documents = whole.clamped(to: range)
        shard.gather(documents, into: &rows)
        if documents != whole {
          rows.pad(
            before: documents.lowerBound - whole.lowerBound,
            after: whole.upperBound - documents.upperBound)
        }
        forward(rows, in: &pass)
        body(documents, pass.output, documents.lowerBound - whole.lowerBound)
      }
    }
  }

  /// z of all documents of a shard, `[documents, latent]`.
  public func embed(_ shard: Shard) -> Matrix {
    let c = outputDimension
    var z = Matrix(rows: shard.range.count, columns: c)
    z.withMutableRows { z in
      forEachTile(of: shard) { documents, outputs, first in
        let rows = Rows(outputs)
        z[documents.lowerBound - shard.range.lowerBound].update(
          from: rows[first], count: documents.count * c)
      }
    }
    return z
  }
}
