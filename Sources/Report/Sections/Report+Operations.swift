import Runs

/// The floating-point operations of the phases, for their rates.
extension Report {
  /// The operations of a phase's products, over all trials; nil for k-means, and where the record
  /// does not tell.
  ///
  /// A product of a row and a weight matrix takes 2 operations a weight forward and 4 backward, for
  /// the gradients of the weights and of the row; the gradient of the input is not computed.
  func operations(_ phase: RunRecord.Phase) -> Double? {
    guard let widths, let pretraining = run.record.pretraining else { return nil }
    let steps = Double(phase.iterations)
    // Multiplications of a row of input with the first layer: only the values that are not 0.
    let first = inputValues * Double(widths[1])
    let encoder = zip(widths.dropFirst(), widths.dropFirst(2)).reduce(0.0) {
      $0 + Double($1.0 * $1.1)
    }
    let last = Double(widths[0] * widths[1])
    if phase.phase == "finetune" {
      return steps * Double(pretraining.batchSize) * (4 * first + 12 * encoder + 6 * last)
    }
    if phase.phase == "kl", let clustering = run.record.clustering {
      let refreshes = Double(run.record.outcome.refreshes ?? 0) * Double(run.samples ?? 0)
      return steps * Double(clustering.batchSize) * (4 * first + 6 * encoder)
        + refreshes * 2 * (first + encoder)
    }
    guard phase.phase.hasPrefix("layerwise-"), let stage = Int(phase.phase.dropFirst(10)),
      (1..<widths.count).contains(stage)
    else { return nil }
    // What lies below the layer at work is only run forward.
    let below = stage == 1 ? 0 : first + product(of: widths[1..<stage])
    let own =
      stage == 1 ? 4 * first + 6 * last : 10 * Double(widths[stage - 1] * widths[stage])
    return steps * Double(pretraining.batchSize) * (2 * below + own)
  }

  /// The multiplications of a row through layers of the given widths.
  private func product(of widths: ArraySlice<Int>) -> Double {
    zip(widths, widths.dropFirst()).reduce(0.0) { $0 + Double($1.0 * $1.1) }
  }

  /// d, then the widths of the encoder's layers; nil where the record does not tell.
  private var widths: [Int]? {
    guard let layers = run.record.pretraining?.layers, !layers.isEmpty,
      run.record.dataset.features > 0
    else { return nil }
    return [run.record.dataset.features] + layers
  }

  /// The values of a document that are not 0, on average.
  private var inputValues: Double {
    let dataset = run.record.dataset
    guard dataset.layout == "csr", dataset.samples > 0 else { return Double(dataset.features) }
    return Double(dataset.nonzeros) / Double(dataset.samples)
  }
}
