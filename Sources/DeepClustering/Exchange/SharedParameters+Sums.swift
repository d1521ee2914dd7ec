import Collectives
import DenseMath

/// Sums over the ranks: in memory that a host's ranks share, then by messages between hosts, each
/// rank its rows of the weights.
extension SharedParameters {
  /// Starts the sum of a layer's gradient, complete after `finishSums`. Until then the gradient is
  /// not to be touched, and this thread calls MPI for nothing else.
  func startSum(_ layer: Int) {
    started.append((layer, gradient.layers[layer].weight.withUnsafeElements(\.baseAddress)))
    host?.put(gradient.layers[layer], layer)
    let rows = updatedRows(of: gradient.layers[layer].inputDimension)
    messages?.start(layer, &gradient.layers[layer].weight, rows: rows)
  }

  /// values ← the elementwise maxima over all ranks. Collective.
  func allReduceMax(_ values: inout [Float]) {
    timed {
      host?.allReduceMax(&values)
      allReduceAcrossHosts(&values, by: .maximum)
    }
  }

  /// Completes the sums of the started layers. Collective.
  func finishSums() {
    finish { self.sumBiasesAcrossHosts() }
  }

  /// Completes the sums of the started layers, and sums `values` with them. Collective.
  func finishSums(beside values: inout [Float]) {
    timed { host?.put(sums: values) }
    finish {
      self.host?.takeSums(&values)
      self.sumAcrossHosts(beside: &values)
    }
  }

  /// Waits for the layers' sums; `small` sums what is not a weight after the host's ranks have met.
  private func finish(_ small: () -> Void) {
    timed {
      messages?.wait()
      for (layer, address) in started {
        precondition(
          gradient.layers[layer].weight.withUnsafeElements { $0.baseAddress == address },
          "a gradient was copied while it was summed")
      }
      if let host {
        host.barrier()
        for (layer, _) in started {
          if messages == nil { host.sum(layer, onAllThreads: true) }
          host.takeBias(layer, &gradient.layers[layer].bias)
        }
      }
      small()
    }
    summedLayers.removeAll(keepingCapacity: true)
    for (layer, _) in started { summedLayers.append(layer) }
    started.removeAll(keepingCapacity: true)
  }

  private func sumBiasesAcrossHosts() {
    var none: [Float] = []
    sumAcrossHosts(beside: &none)
  }

  /// Biases and `values` in one message.
  private func sumAcrossHosts(beside values: inout [Float]) {
    guard acrossHosts.size > 1 else { return }
    packed.removeAll(keepingCapacity: true)
    for (layer, _) in started { packed += gradient.layers[layer].bias }
    packed += values
    allReduceAcrossHosts(&packed, by: .sum)
    var offset = 0
    func unpack(_ values: inout [Float]) {
      for i in values.indices { values[i] = packed[offset + i] }
      offset += values.count
    }
    for (layer, _) in started { unpack(&gradient.layers[layer].bias) }
    unpack(&values)
  }

  /// Combines what the ranks of a host have in common: one of them does, so that it travels once
  /// and all have the same bits.
  private func allReduceAcrossHosts(_ values: inout [Float], by reduction: Reduction) {
    guard acrossHosts.size > 1 else { return }
    guard let host else { return acrossHosts.allReduce(&values, by: reduction) }
    host.broadcastFromFirst(&values) { acrossHosts.allReduce(&$0, by: reduction) }
  }

  /// values ← their exact sums over all ranks, in whole numbers of 2⁻⁴⁰; NaN where any term of any
  /// rank is not finite or too large. Collective.
  func sumExactly(_ values: inout [Double]) {
    let unit = 0x1p40
    withUnsafeTemporaryAllocation(of: Int64.self, capacity: values.count + 1) { whole in
      // One value out of range makes the sum so; the phases stop at what is not finite.
      var isBroken = false
      for i in values.indices {
        let isInRange = values[i].isFinite && abs(values[i]) < 0x1p20
        isBroken = isBroken || !isInRange
        whole.initializeElement(at: i, to: isInRange ? Int64((values[i] * unit).rounded()) : 0)
      }
      whole.initializeElement(at: values.count, to: isBroken ? 1 : 0)
      timed { world.allReduce(whole, by: .sum) }
      for i in values.indices {
        values[i] = whole[values.count] > 0 ? .nan : Double(whole[i]) / unit
      }
    }
  }
}
