import Collectives
import DeepClustering
import DenseMath
import Diagnostics

extension SpectralParameters {
  /// From the eigenvectors of a matrix, which rank 0 finds, to clusters. Collective.
  ///
  /// - Parameters:
  ///   - components: Of the graph of neighbours.
  ///   - problem: The matrix; called on rank 0 only. Also returns the setting as it is used.
  /// - Throws: `Failure.work`, on every rank, where eigenvectors fail their check.
  func fit(
    _ data: SpectralData, _ components: Components,
    problem: () throws -> (EigenProblem, setting: Double)
  ) throws -> SpectralResult {
    let (world, n, c) = (data.world, data.samples, clusterCount)
    precondition(c >= 1 && c < n, "\(c) clusters of \(n) documents")
    let start = Clock.seconds
    // 1. The smallest eigenpairs, on rank 0.
    var (values, setting, products): ([Double], [Double], [Int32]) = ([], [], [])
    let first = firstEigenvector ?? (components.count > 1 ? 1 : 2)
    var used = Matrix(rows: n, columns: c)
    try world.together {
      guard world.isRoot else { return }
      let (matrix, inForce) = try problem()
      let solution = try matrix.smallest(c + 1, seed: UInt64(seed))
      (values, setting, products) = (solution.values, [inForce], [Int32(solution.products)])
      used.withMutableRows { rows in
        for j in 0..<c {
          for (i, value) in solution.vectors[first - 1 + j].enumerated() {
            rows[i][j] = Float(value)
          }
        }
      }
    }
    world.broadcast(&values)
    world.broadcast(&setting)
    world.broadcast(&products)
    used.withUnsafeMutableElements {
      world.broadcast(UnsafeMutableRawBufferPointer($0), from: 0)
    }
    let solved = Clock.seconds
    // 2. Rows, and clusters of them.
    var rows = used
    if self.rows == .unit {
      var lengths: [Float] = []
      rows.normalizeRows(to: 1, lengths: &lengths)
    }
    let (assignments, sizes) = try clusters(of: rows, data)
    return SpectralResult(
      eigenvalues: values, firstEigenvector: first, embedding: used.rows(data.rows),
      assignments: assignments, clusterSizes: sizes, componentCount: components.count,
      products: Int(products[0]), settingInForce: setting[0],
      seconds: (solved - start, Clock.seconds - solved))
  }

  /// The clusters of this rank's documents, and the sizes of all. Collective.
  private func clusters(
    of rows: Matrix, _ data: SpectralData
  ) throws -> (assignments: [Int32], sizes: [Int]) {
    switch discretization {
    case .kmeans:
      var kMeans = KMeans(clusterCount: clusterCount)
      kMeans.restarts = restarts
      kMeans.seed = UInt64(seed)
      let result = try kMeans.fit(
        rows.rows(data.rows), first: data.rows.lowerBound, samples: data.samples, over: data.world)
      return (result.assignments, result.clusterSizes)
    case .rotation:
      var rotation = SpectralRotation()
      rotation.restarts = restarts
      rotation.seed = UInt64(seed)
      let all = rotation.clusters(of: rows, over: data.world)
      var sizes = [Int](repeating: 0, count: clusterCount)
      for cluster in all { sizes[Int(cluster)] += 1 }
      return (Array(all[data.rows]), sizes)
    }
  }
}
