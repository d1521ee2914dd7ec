import Collectives
import Datasets
import DeepClustering
import DenseMath
import Diagnostics

/// `--initial-centroids`: centroids to start from, from any `.npy` matrix of numbers.
enum InitialCentroids {
  /// Reads `[clusters, code]` centroids.
  ///
  /// - Throws: `Failure.badInput` where the file is no matrix of that shape or holds a value that
  ///   is not finite, naming its row.
  static func read(_ path: String, clusters: Int, codeDimension: Int) throws -> Matrix {
    let rows = try NPYMatrixReader().rows([path], .temporary)
    guard rows.count == clusters, rows.features == codeDimension else {
      throw Failure.badInput(
        path, "is [\(rows.count), \(rows.features)]",
        hint: "centroids are [\(clusters), \(codeDimension)]: clusters, and units of the code")
    }
    var values = [Float](repeating: 0, count: clusters * codeDimension)
    try values.withUnsafeMutableBufferPointer { values in
      for j in 0..<clusters {
        let row = UnsafeMutableBufferPointer(
          rebasing: values[j * codeDimension..<(j + 1) * codeDimension])
        rows.read(j, into: row)
        if let column = row.firstIndex(where: { !$0.isFinite }) {
          throw Failure.badInput(
            path, at: "row \(j), column \(column)", "is \(row[column])",
            hint: "centroids are finite numbers")
        }
      }
    }
    return Matrix(rows: clusters, columns: codeDimension, elements: values)
  }
}

extension DEC {
  /// Has the KL phase start from the centroids in the file at `path`; nil leaves those of k-means.
  /// Rank 0 reads it. Collective.
  ///
  /// - Parameter codeDimension: The width of the autoencoder's code.
  /// - Throws: `Failure.badInput` where the file does not hold `[clusters, code]` finite numbers.
  public mutating func readInitialCentroids(
    _ path: String?, codeDimension: Int, over world: any Communicator
  ) throws {
    guard let path else { return }
    let clusters = clustering.clusterCount
    let read = try world.together {
      world.isRoot
        ? try InitialCentroids.read(path, clusters: clusters, codeDimension: codeDimension) : nil
    }
    var elements = read?.elements ?? []
    world.broadcast(&elements)
    initialCentroids = Matrix(rows: clusters, columns: codeDimension, elements: elements)
  }
}
