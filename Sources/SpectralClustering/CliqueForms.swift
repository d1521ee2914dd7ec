import Collectives
import DenseMath

/// The eigen-forms of LDMGI's cliques: what its local matrices are made of at any λ.
///
/// A clique of k documents has the centred rows Z `[k, d]` and G = Z Zᵀ `[k, k]`, with G 1 = 0. Of
/// its eigenvalues g_j and eigenvectors u_j those across 1 make the local matrix
///
///     L_i = H (G + λ I)⁻¹ H = Σ_j u_j u_jᵀ / (g_j + λ),  H = I − 1 1ᵀ / k.
///
/// The inverse itself would lose the digits of λ / ‖G‖ along 1.
public struct CliqueForms: Equatable, Sendable {
  /// k.
  public let size: Int
  /// `[cliques, size]`.
  public let members: [Int32]
  /// g, `[cliques, size - 1]`, ascending and not negative.
  public let values: [Double]
  /// u, `[cliques, size - 1, size]`.
  public let vectors: [Double]

  /// The number of cliques.
  public var count: Int { members.count / size }

  init(size: Int, members: [Int32], values: [Double], vectors: [Double]) {
    self.size = size
    self.members = members
    self.values = values
    self.vectors = vectors
  }

  /// Decomposes cliques.
  ///
  /// - Parameters:
  ///   - members: The documents of each clique, `[cliques, size]`.
  ///   - squaredDistance: ‖x_i − x_j‖², from which G = −H D H / 2.
  public init(
    members: [Int32], size k: Int, squaredDistance: (_ i: Int, _ j: Int) -> Double
  ) {
    precondition(k >= 2 && members.count % k == 0)
    var values = [Double](repeating: 0, count: members.count / k * (k - 1))
    var vectors = [Double](repeating: 0, count: members.count * (k - 1))
    values.withUnsafeMutableBufferPointer { values in
      vectors.withUnsafeMutableBufferPointer { vectors in
        nonisolated(unsafe) let (values, vectors) = (values, vectors)
        nonisolated(unsafe) let distance = squaredDistance
        Threads.split(members.count / k, grain: 64) { part in
          var d = [Double](repeating: 0, count: k * k)
          for i in part {
            for a in 0..<k {
              for b in 0..<a {
                d[a * k + b] = distance(Int(members[i * k + a]), Int(members[i * k + b]))
                d[b * k + a] = d[a * k + b]
              }
            }
            let (g, u) = symmetricEigenvectors(Self.shifted(d, k), k)
            for j in 0..<k - 1 {
              values[i * (k - 1) + j] = max(0, g[j])
              for a in 0..<k { vectors[(i * (k - 1) + j) * k + a] = u[j * k + a] }
            }
          }
        }
      }
    }
    self.init(size: k, members: members, values: values, vectors: vectors)
  }

  /// G plus a multiple of 1 1ᵀ that makes 1 the eigenvector of the largest eigenvalue.
  private static func shifted(_ d: [Double], _ k: Int) -> [Double] {
    let means = (0..<k).map { a in d[a * k..<(a + 1) * k].reduce(0, +) / Double(k) }
    let mean = means.reduce(0, +) / Double(k)
    var g = d
    for a in 0..<k {
      for b in 0..<k { g[a * k + b] = (means[a] + means[b] - mean - d[a * k + b]) / 2 }
    }
    let trace = (0..<k).reduce(0.0) { $0 + g[$1 * k + $1] }
    let shift = trace > 0 ? 2 * trace / Double(k) : 1
    return g.map { $0 + shift }
  }

  /// Decomposes the cliques of all documents, each rank those of its own. Collective.
  ///
  /// - Returns: All cliques on rank 0, none on the others.
  public init(of data: SpectralData, _ neighbours: Neighbours, size: Int) {
    let members = neighbours.cliques(of: data.rows, size: size)
    let mine = CliqueForms(members: members, size: size) { data.all.squaredDistance($0, $1) }
    var (members0, values, vectors): ([Int32], [Double], [Double]) = ([], [], [])
    for part in data.world.gather(mine.values.bytes) { values += [Double](bytes: part) }
    for part in data.world.gather(mine.vectors.bytes) { vectors += [Double](bytes: part) }
    if data.world.isRoot { members0 = neighbours.cliques(of: 0..<data.samples, size: size) }
    self.init(size: size, members: members0, values: values, vectors: vectors)
  }

  /// The median of all g: the scale that λ is felt at.
  public var medianValue: Double {
    values.isEmpty ? 0 : values.sorted()[values.count / 2]
  }

  /// L = Σ_i S_i L_i S_iᵀ: the local matrices at the rows and columns of their members.
  ///
  /// L is positive semi-definite with L 1 = 0; off the diagonal both signs occur.
  ///
  /// - Parameters:
  ///   - n: How many documents there are.
  ///   - lambda: λ, positive.
  public func matrix(samples n: Int, lambda: Double) -> SymmetricMatrix {
    let k = size
    // The cliques and places of each document, one list behind the other.
    var starts = [Int](repeating: 0, count: n + 1)
    for i in members { starts[Int(i) + 1] += 1 }
    for i in 0..<n { starts[i + 1] += starts[i] }
    var places = [Int32](repeating: 0, count: members.count)
    var next = starts
    for (place, i) in members.enumerated() {
      places[next[Int(i)]] = Int32(place)
      next[Int(i)] += 1
    }
    return SymmetricMatrix(count: n) { i, entries in
      for e in starts[i]..<starts[i + 1] {
        let (clique, a) = (Int(places[e]) / k, Int(places[e]) % k)
        for b in 0..<k {
          var sum = 0.0
          for j in clique * (k - 1)..<(clique + 1) * (k - 1) {
            sum += vectors[j * k + a] * vectors[j * k + b] / (values[j] + lambda)
          }
          entries.append((members[clique * k + b], sum))
        }
      }
    }
  }
}

extension Array where Element == Double {
  fileprivate var bytes: [UInt8] { withUnsafeBytes { [UInt8]($0) } }

  fileprivate init(bytes: [UInt8]) {
    self = [Double](unsafeUninitializedCapacity: bytes.count / 8) { buffer, count in
      bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
      count = bytes.count / 8
    }
  }
}
