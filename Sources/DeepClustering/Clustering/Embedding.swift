import Datasets
import DenseMath

/// Rows of a tile. Tiles lie on the grid of the whole dataset: document i is always row i mod 256 of a
/// product of 256 rows, whoever computes it, so its bits never depend on the number of ranks.
let tileRows = 256

extension FeedForward {
  /// Embeds all documents of a shard, tile by tile on all threads.
  ///
  /// - Parameter body: Gets the documents, and their outputs from row `first` of a matrix; called from
  ///   several threads, for disjoint documents.
  func forEachTile(
    of shard: Shard, _ body: (_ documents: Range<Int>, _ outputs: Matrix, _ first: Int) -> Void
  ) {
    let range = shard.range
    guard !range.isEmpty else { return }
    let tiles = range.lowerBound / tileRows..<(range.upperBound + tileRows - 1) / tileRows
    let parts = min(Threads.count, tiles.count)
    Threads.forEachAlone(parts) { part in
      var rows = InputRows(columns: shard.features, isSparse: shard.isSparse)
      var pass = Pass(self)
      for tile in tiles where tile % parts == part {
        let whole = tile * tileRows..<(tile + 1) * tileRows
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
    z.withUnsafeMutableElements { z in
      nonisolated(unsafe) let z = z
      forEachTile(of: shard) { documents, outputs, first in
        let start = (documents.lowerBound - shard.range.lowerBound) * c
        outputs.withUnsafeElements {
          (z.baseAddress! + start).update(
            from: $0.baseAddress! + first * c, count: documents.count * c)
        }
      }
    }
    return z
  }
}
