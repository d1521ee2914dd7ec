/// Dropout (Eq. 6 and 8; Srivastava et al. 2014): sets each element to 0 with probability `rate` and
/// divides the rest by 1 − rate, so that expectations stay.
///
/// The mask of a document depends on (seed, iteration, layer, document), never on the batch's rows or
/// the rank. An element's fate is a 16-bit draw, four to a random number: the rate is met to 2⁻¹⁶.
public struct Dropout: Sendable {
  public var rate: Float
  public var seed: UInt64
  public var iteration: Int
  public var layer: Int

  public init(rate: Float, seed: UInt64, iteration: Int, layer: Int) {
    precondition(rate >= 0 && rate < 1)
    self.rate = rate
    self.seed = seed
    self.iteration = iteration
    self.layer = layer
  }

  private var threshold: UInt64 { UInt64((rate * 65536).rounded()) }
  public var scale: Float { 1 / (1 - rate) }

  private func stream(_ document: Int) -> RandomStream {
    RandomStream(seed: seed, .dropout, layer, iteration, document)
  }

  /// Corrupts the rows of `x` in place; row i belongs to `documents[i]`.
  public func apply(to x: inout Matrix, documents: [Int]) {
    precondition(documents.count == x.rows)
    guard rate > 0 else { return }
    let (columns, threshold, scale) = (x.columns, threshold, scale)
    x.withMutableRows { x in
      Threads.split(x.count, grain: 16) { rows in
        for i in rows {
          let stream = stream(documents[i])
          let row = x[i]
          var c = 0
          while c < columns {
            var bits = stream.number(at: c / 4)
            for j in c..<min(c + 4, columns) {
              row[j] = bits & 0xFFFF < threshold ? 0 : row[j] * scale
              bits >>= 16
            }
            c += 4
          }
        }
      }
    }
  }

  /// Corrupts the rows of `x` in place: the same elements fall as in the dense form.
  public func apply(to x: inout SparseRows, documents: [Int]) {
    precondition(documents.count == x.rows)
    guard rate > 0 else { return }
    let (threshold, scale) = (threshold, scale)
    for i in 0..<x.rows {
      let stream = stream(documents[i])
      for e in x.rowStarts[i]..<x.rowStarts[i + 1] {
        let column = Int(x.indices[e])
        let bits = stream.number(at: column / 4) >> UInt64(16 * (column % 4))
        x.values[e] = bits & 0xFFFF < threshold ? 0 : x.values[e] * scale
      }
    }
  }

  /// Corrupts the rows of `x` in place.
  public func apply(to x: inout InputRows, documents: [Int]) {
    if x.isSparse {
      apply(to: &x.sparse, documents: documents)
    } else {
      apply(to: &x.dense, documents: documents)
    }
  }
}
