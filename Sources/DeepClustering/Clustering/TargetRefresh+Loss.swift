import DenseMath

extension TargetRefresh {
  /// KL(p_i‖q_i) of each of this rank's documents (Eq. 2), in nats.
  ///
  /// - Parameters:
  ///   - f: The frequencies of Eq. 3, which make the loss; those of the documents that were trained
  ///     on, where these are others.
  ///   - exponent: Of f.
  public func losses(softFrequencies f: [Double], exponent: Double) -> [Double] {
    let count = codes.rows
    var losses = [Double](repeating: 0, count: count)
    losses.withUnsafeMutableBufferPointer { losses in
      nonisolated(unsafe) let losses = losses
      Threads.split(count, grain: 256) { part in
        let q = softAssignment(of: part)
        var p = q
        targetDistribution(inPlaceOf: &p, softFrequencies: f, exponent: exponent)
        for i in 0..<part.count {
          losses[part.lowerBound + i] = klDivergence(p.rows(i..<i + 1), q.rows(i..<i + 1))
        }
      }
    }
    return losses
  }
}
