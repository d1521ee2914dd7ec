import Collectives
import Datasets
import DeepClustering
import DenseMath
import SpectralClustering

/// Clusters as parts of the graph of nearest neighbours that few edges join. Where there are k of
/// them, k eigenvalues of its normalised Laplacian are near 0, and the next one is not: the
/// eigengap (von Luxburg 2007). Unlike k-means it minds neither the sizes nor the shapes of
/// clusters.
struct GraphSpectrum {
  /// Edges from each document.
  private static let neighbourCount = 10
  /// λ_1, λ_2, ..., the same on every rank.
  private let eigenvalues: [Double]

  /// Collective.
  ///
  /// - Parameters:
  ///   - points: Of this rank's documents, `[documents, dimensions]`.
  ///   - data: Whose documents they are.
  ///   - k: The largest number of clusters that `gap` will be asked for.
  init(of points: Matrix, _ data: TrainingData, upTo k: Int) throws {
    let (world, n) = (data.world, data.samples)
    let all = Shard(memory: InputRows(data.gather(points)), range: 0..<n)
    let neighbours = try NeighbourSearch(count: Self.neighbourCount).neighbours(
      of: SpectralData(
        all, rows: share(of: n, part: world.rank, of: world.size), over: world))
    var eigenvalues: [Double] = []
    try world.together {
      if world.isRoot { eigenvalues = try neighbours.laplacianEigenvalues(k + 1) }
    }
    world.broadcast(&eigenvalues)
    self.eigenvalues = eigenvalues
  }

  /// λ_k+1 − λ_k.
  func gap(after k: Int) -> Double { eigenvalues[k] - eigenvalues[k - 1] }
}

extension TrainingData {
  /// The rows of the documents of all ranks, on every rank. Collective.
  ///
  /// - Parameter rows: Of this rank's documents.
  func gather(_ rows: Matrix) -> Matrix {
    let d = rows.columns
    var all = Matrix(rows: samples, columns: d)
    all.withMutableRows { all in
      let rows = Rows(rows)
      for i in rows.indices {
        all[shard.range.lowerBound + i].update(from: rows[i], count: d)
      }
    }
    // The other ranks' elements are zeros: the sum has the bits of its one term.
    all.withUnsafeMutableElements { world.allReduce($0, by: .sum) }
    return all
  }

  /// The directions of this rank's documents by latent semantic analysis of all of `corpus`, at
  /// length 1. Collective.
  func directions(in corpus: TrainingData) -> Matrix {
    var directions = LatentSemanticAnalysis(of: corpus).project(shard)
    var lengths: [Float] = []
    directions.normalizeRows(to: 1, lengths: &lengths)
    return directions
  }
}
