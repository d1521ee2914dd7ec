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
  /// model, have the same bits at every number of ranks. Collective.
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
    var ends = [0]
    for layer in layers {
      ends.append(ends.last! + layer.inputDimension)
      ends.append(ends.last! + layer.outputDimension)
    }
    var maxima = [Float](repeating: 0, count: ends.last!)
    for l in layers.indices {
      let inputs = ends[2 * l]..<ends[2 * l + 1]
      if l > 0 {
        pass.outputs[l - 1].raiseColumnMaxima(&maxima[inputs], rows: batch.rows)
      } else if x.isSparse {
        x.sparse.raiseColumnMaxima(&maxima[inputs])
      } else {
        x.dense.raiseColumnMaxima(&maxima[inputs], rows: batch.rows)
      }
      pass.gradients[l].raiseColumnMaxima(
        &maxima[ends[2 * l + 1]..<ends[2 * l + 2]], rows: batch.rows)
    }
    exchange.largest(&maxima)

    // 3. Whole numbers, their products, and on to the other ranks.
    let largest = ColumnUnits.largest(rows: batchCount)
    let units = (0..<2 * layers.count).map {
      ColumnUnits(maxima: Array(maxima[ends[$0]..<ends[$0 + 1]]), largest: largest)
    }
    for l in layers.indices.reversed() {
      units[2 * l + 1].round(&pass.gradients[l], rows: batch.rows)
      if l > 0 {
        units[2 * l].round(&pass.outputs[l - 1], rows: batch.rows)
        layers[l].backward(
          pass.outputs[l - 1], dy: pass.gradients[l], into: &gradient.layers[l])
      } else {
        if x.isSparse {
          units[0].round(&x.sparse)
        } else {
          units[0].round(&x.dense, rows: batch.rows)
        }
        layers[l].backward(x, dy: pass.gradients[l], into: &gradient.layers[l])
      }
      exchange.start(l, &gradient.layers[l]) {
        $0.scale(inputs: units[2 * l], outputs: units[2 * l + 1])
      }
    }
  }
}

extension Dense {
  /// Turns sums of whole numbers back into what they stand for.
  mutating func scale(inputs: ColumnUnits, outputs: ColumnUnits) {
    let (rows, columns) = (weight.rows, weight.columns)
    weight.elements.withUnsafeMutableBufferPointer { e in
      nonisolated(unsafe) let e = e
      outputs.units.withUnsafeBufferPointer { outputs in
        inputs.units.withUnsafeBufferPointer { inputs in
          Threads.split(rows, grain: 64) { part in
            for i in part {
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
