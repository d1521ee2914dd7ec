import Collectives
import DenseMath

/// A minibatch's place in fixed tiles of 64 positions, so that every product has the same shape at
/// every number of ranks.
struct TiledBatch: Sendable {
  static let tile = 64
  /// Rows of zeros before this rank's documents.
  let before: Int
  /// This rank's documents.
  let rows: Range<Int>
  let after: Int

  /// - Parameter first: The place in the whole minibatch of this rank's first document.
  init(first: Int, count: Int) {
    before = count > 0 ? first % Self.tile : 0
    rows = before..<before + count
    let full = (rows.upperBound + Self.tile - 1) / Self.tile * Self.tile
    after = full - rows.upperBound
  }

  /// rows ← one number a row; the rows without a document repeat any.
  func pad(_ documents: [Int], into rows: inout [Int]) {
    rows.removeAll(keepingCapacity: true)
    rows.append(contentsOf: repeatElement(0, count: before))
    rows.append(contentsOf: documents)
    rows.append(contentsOf: repeatElement(0, count: after))
  }
}

extension FeedForward {
  /// Backpropagation whose sums over the minibatch are exact, so that the gradients, and with them the
  /// model, have the same bits at every number of ranks. They are ready after `exchange.finish` and `scale`.
  /// Collective.
  ///
  /// Activations and their gradients are rounded to 8 bits of each column's largest value before they
  /// are multiplied into weight gradients: a relative error of about 0.3 % of a gradient whose own noise
  /// from sampling is of the order of 100 %, for sums that are the same in any order.
  ///
  /// - Parameters:
  ///   - x: What `forward` had, padded to whole tiles; replaced by rounded values.
  ///   - batch: Which rows are documents.
  ///   - batchCount: Documents in the minibatch over all ranks.
  func backwardReproducibly(
    _ x: inout InputRows, in pass: inout Pass, gradient: inout FeedForward, batch: TiledBatch,
    batchCount: Int, exchange: GradientExchange
  ) {
    // 1. Down the layers; the last gradient's rows without a document are zero, so all are.
    for l in layers.indices.reversed() {
      throughActivation(l, in: &pass)
      if l > 0 { toLayerBelow(l, in: &pass) }
    }

    // 2. Each column's largest value, over all ranks.
    let ends = pass.columnEnds
    for i in pass.columnMaxima.indices { pass.columnMaxima[i] = 0 }
    for l in layers.indices {
      if l > 0 {
        pass.outputs[l - 1].raiseColumnMaxima(
          &pass.columnMaxima, from: ends[2 * l], rows: batch.rows)
      } else if x.isSparse {
        x.sparse.raiseColumnMaxima(&pass.columnMaxima)
      } else {
        x.dense.raiseColumnMaxima(&pass.columnMaxima, rows: batch.rows)
      }
      pass.gradients[l].raiseColumnMaxima(
        &pass.columnMaxima, from: ends[2 * l + 1], rows: batch.rows)
    }
    exchange.largest(&pass.columnMaxima)

    // 3. Whole numbers, their products, and on to the other ranks.
    let largest = ColumnUnits.largest(rows: batchCount)
    for i in pass.units.indices {
      pass.units[i].fit(pass.columnMaxima[ends[i]..<ends[i + 1]], largest: largest)
    }
    for l in layers.indices.reversed() {
      pass.units[2 * l + 1].round(&pass.gradients[l], rows: batch.rows)
      if l > 0 {
        pass.units[2 * l].round(&pass.outputs[l - 1], rows: batch.rows)
        layers[l].backward(
          pass.outputs[l - 1], dy: pass.gradients[l], into: &gradient.layers[l])
      } else {
        if x.isSparse {
          pass.units[0].round(&x.sparse)
        } else {
          pass.units[0].round(&x.dense, rows: batch.rows)
        }
        layers[l].backward(x, dy: pass.gradients[l], into: &gradient.layers[l])
      }
      exchange.start(l, &gradient.layers[l])
    }
  }

  /// Turns `gradient`, sums of whole numbers over all ranks, back into what they stand for: of the weights,
  /// the rows of `part`.
  func scale(_ gradient: inout FeedForward, in pass: Pass, part: (Int) -> Range<Int>) {
    for l in layers.indices {
      gradient.layers[l].scale(
        inputs: pass.units[2 * l], outputs: pass.units[2 * l + 1],
        rows: part(gradient.layers[l].inputDimension))
    }
  }
}

extension Dense {
  fileprivate mutating func scale(inputs: ColumnUnits, outputs: ColumnUnits, rows: Range<Int>) {
    let columns = weight.columns
    weight.withUnsafeMutableElements { e in
      nonisolated(unsafe) let e = e
      outputs.units.withUnsafeBufferPointer { outputs in
        inputs.units.withUnsafeBufferPointer { inputs in
          Threads.split(rows.count, grain: 64) { part in
            for i in part.lowerBound + rows.lowerBound..<part.upperBound + rows.lowerBound {
              let row = e.baseAddress! + i * columns
              for j in 0..<columns { row[j] *= inputs[i] * outputs[j] }
            }
          }
        }
      }
    }
    for j in bias.indices { bias[j] *= outputs.units[j] }
  }
}
