import DenseMath

/// Gradients whose sums over the minibatch are exact, so that they, and with them the model, have
/// the same bits at every number of ranks.
///
/// Activations and their gradients are rounded to 8 bits of each column's largest value before they
/// are multiplied into weight gradients: a relative error of about 0.3 % of a gradient whose own
/// noise from sampling is of the order of 100 %, for sums that are the same in any order.
final class ExactGradients: GradientRule {
  let tile: Int? = Tile.minibatch
  let sumsCentroidsExactly = true

  /// `units[2l]` rounds the columns of layer l's inputs, `units[2l + 1]` those of its outputs'
  /// gradients.
  private var units: [ColumnUnits] = []
  /// The largest magnitudes of the columns of `units[i]` lie at `columnStarts[i] ..<
  /// columnStarts[i + 1]`.
  private var columnMaxima: [Float]
  private var columnStarts = [0]

  init(for network: FeedForward) {
    for columns in network.layers.flatMap({ [$0.inputDimension, $0.outputDimension] }) {
      units.append(ColumnUnits(columns: columns))
      columnStarts.append(columnStarts.last! + columns)
    }
    columnMaxima = [Float](repeating: 0, count: columnStarts.last!)
  }

  func backward(
    _ input: inout InputRows, in pass: inout FeedForward.Pass, of minibatch: Minibatch,
    to parameters: SharedParameters
  ) {
    let network = parameters.network
    // 1. Down the layers; the last gradient's rows without a document are zero, so all are.
    for l in network.layers.indices.reversed() {
      network.throughActivation(l, in: &pass)
      if l > 0 { network.toLayerBelow(l, in: &pass) }
    }

    // 2. Each column's largest magnitude, over all ranks.
    findColumnMaxima(input, pass, rows: minibatch.documentRows)
    parameters.allReduceMax(&columnMaxima)
    let largest = ColumnUnits.largest(rows: minibatch.batchCount)
    for i in units.indices {
      units[i].fit(columnMaxima[columnStarts[i]..<columnStarts[i + 1]], largest: largest)
    }

    // 3. Whole numbers, their products, and on to the other ranks.
    for l in network.layers.indices.reversed() {
      roundColumns(l, &input, &pass, rows: minibatch.documentRows)
      network.weightGradient(l, input, in: pass, into: &parameters.gradient.layers[l])
      parameters.startSum(l)
    }
  }

  func finishSums(_ sums: inout StepSums, in parameters: SharedParameters) {
    if sums.exact.isEmpty {
      // Without centroids: the loss is only reported, and travels with the biases.
      parameters.finishSums(beside: &sums.values)
    } else {
      parameters.finishSums()
      parameters.sumExactly(&sums.exact)
      for i in sums.exact.indices { sums.values[i] = Float(sums.exact[i]) }
    }
    scale(parameters)
  }

  private func findColumnMaxima(
    _ input: InputRows, _ pass: FeedForward.Pass, rows: Range<Int>
  ) {
    for i in columnMaxima.indices { columnMaxima[i] = 0 }
    for l in pass.outputs.indices {
      if l > 0 {
        pass.outputs[l - 1].raiseColumnMaxima(
          &columnMaxima, from: columnStarts[2 * l], rows: rows)
      } else if input.isSparse {
        input.sparse.raiseColumnMaxima(&columnMaxima)
      } else {
        input.dense.raiseColumnMaxima(&columnMaxima, rows: rows)
      }
      pass.gradients[l].raiseColumnMaxima(
        &columnMaxima, from: columnStarts[2 * l + 1], rows: rows)
    }
  }

  private func roundColumns(
    _ l: Int, _ input: inout InputRows, _ pass: inout FeedForward.Pass, rows: Range<Int>
  ) {
    units[2 * l + 1].round(&pass.gradients[l], rows: rows)
    if l > 0 {
      units[2 * l].round(&pass.outputs[l - 1], rows: rows)
    } else if input.isSparse {
      units[0].round(&input.sparse)
    } else {
      units[0].round(&input.dense, rows: rows)
    }
  }

  /// Turns the gradients, sums of whole numbers over all ranks, back into what they stand for: the
  /// rows of the weights that this rank updates, and all biases. Nothing where no layer was summed.
  private func scale(_ parameters: SharedParameters) {
    for l in parameters.summedLayers {
      parameters.gradient.layers[l].scale(
        inputs: units[2 * l], outputs: units[2 * l + 1],
        rows: parameters.updatedRows(of: parameters.gradient.layers[l].inputDimension))
    }
  }
}

extension Dense {
  /// Multiplies element (i, j) of `rows` of the weight by the units of input i and output j, and
  /// the bias by the units of the outputs.
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
