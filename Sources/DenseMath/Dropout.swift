/// Dropout (Eq. 6 and 8; Srivastava et al. 2014): sets each element to 0 with probability `rate`
/// and divides the others by 1 − rate, which keeps the expected value.
///
/// The mask of a document depends on (seed, iteration, layer, document), never on its row in the
/// minibatch or on the rank. Each element takes 16 bits of a random number of 64, so the rate is
/// exact to 2⁻¹⁶.
public struct Dropout: Sendable {
  /// The probability that an element is dropped, in 0..<1.
  public var rate: Float
  public var seed: UInt64
  /// The iteration of the phase.
  public var iteration: Int
  /// A number for the tensor that is corrupted: those of a phase have different ones.
  public var layer: Int

  public init(rate: Float, seed: UInt64, iteration: Int, layer: Int) {
    precondition(rate >= 0 && rate < 1)
    self.rate = rate
    self.seed = seed
    self.iteration = iteration
    self.layer = layer
  }

  private var threshold: UInt64 { UInt64((rate * 65536).rounded()) }
  /// The factor of the elements that are not dropped.
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

  /// Corrupts the rows of `x` in place. It drops the same elements as in the dense matrix.
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
