import DenseMath

/// Centroids in blocks of eight, coordinate by coordinate, so that one instruction works on the
/// distances of a document to eight of them. Each distance sums its coordinates in their order, so
/// that it has the same bits as `squaredDistance`.
///
/// Not expanded into a product of matrices: q is most interesting where z is near μ, which is where
/// ‖z‖² − 2 z·μ + ‖μ‖² loses its digits; and at k = 1,000 this is as fast (docs/performance.md).
struct CentroidColumns {
  private typealias Block = SIMD8<Float>

  /// k.
  let count: Int
  private let dimension: Int
  /// `[blocks, dimension]`; zeros beyond the last centroid.
  private let blocks: [Block]

  /// - Parameter mu: `[clusters, code]`.
  init(_ mu: Matrix) {
    (count, dimension) = (mu.rows, mu.columns)
    var blocks = [Block](repeating: Block(), count: (mu.rows + 7) / 8 * mu.columns)
    let mu = Rows(mu)
    for j in mu.indices {
      for l in 0..<mu.columns { blocks[j / 8 * mu.columns + l][j % 8] = mu[j, l] }
    }
    self.blocks = blocks
  }

  /// Calls `body` with memory for the distances of one document.
  @inline(__always)
  func withDistances<R>(_ body: (UnsafeMutableBufferPointer<Float>) throws -> R) rethrows -> R {
    try withUnsafeTemporaryAllocation(
      byteCount: (count + 31) / 32 * 32 * 4, alignment: 32
    ) { try body($0.bindMemory(to: Float.self)) }
  }

  /// distances_j ← ‖z − μ_j‖², for every centroid.
  ///
  /// - Parameters:
  ///   - z: `[code]`.
  ///   - distances: From `withDistances`.
  @inline(__always)
  func squaredDistances(
    of z: UnsafePointer<Float>, into distances: UnsafeMutableBufferPointer<Float>
  ) {
    let c = dimension
    let out = UnsafeMutableRawPointer(distances.baseAddress!).assumingMemoryBound(to: Block.self)
    blocks.withUnsafeBufferPointer { blocks in
      // Four blocks at once keep the adders busy.
      var block = 0
      let total = (count + 7) / 8
      while block + 4 <= total {
        var (d0, d1, d2, d3) = (Block(), Block(), Block(), Block())
        for l in 0..<c {
          let x = Block(repeating: z[l])
          let e0 = x - blocks[block * c + l]
          let e1 = x - blocks[(block + 1) * c + l]
          let e2 = x - blocks[(block + 2) * c + l]
          let e3 = x - blocks[(block + 3) * c + l]
          d0 += e0 * e0
          d1 += e1 * e1
          d2 += e2 * e2
          d3 += e3 * e3
        }
        out[block] = d0
        out[block + 1] = d1
        out[block + 2] = d2
        out[block + 3] = d3
        block += 4
      }
      while block < total {
        var d = Block()
        for l in 0..<c {
          let e = Block(repeating: z[l]) - blocks[block * c + l]
          d += e * e
        }
        out[block] = d
        block += 1
      }
    }
  }
}
