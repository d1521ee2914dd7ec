import Datasets
import Diagnostics

/// The plane in which the means of the clusters are furthest apart: the two leading principal
/// components of the means, each counted as often as its cluster has documents.
struct EmbeddingPlane {
  private let components: PrincipalComponents
  /// What the plane shows, in words.
  let label: String

  /// Where there are fewer than three clusters, whose means lie on a line, the plane is that of the
  /// documents.
  ///
  /// - Throws: What the reading of the embedding throws, and `Failure.badInput` where it has no
  ///   finite row.
  init(_ embedding: NPYReader, _ assignments: [Int32], _ clusters: ClusterStatistics) throws {
    let code = embedding.header.shape[1]
    let present = clusters.sizes.indices.filter {
      clusters.sizes[$0] > 0 && clusters.means[$0].allSatisfy(\.isFinite)
    }
    if present.count > 2 {
      let n = Double(present.reduce(0) { $0 + clusters.sizes[$1] })
      let mean = (0..<code).map { a in
        present.reduce(0) { $0 + Double(clusters.sizes[$1]) * clusters.means[$1][a] } / n
      }
      var covariance = [Double](repeating: 0, count: code * code)
      for cluster in present {
        let offset = (0..<code).map { clusters.means[cluster][$0] - mean[$0] }
        for a in 0..<code {
          for b in 0..<code {
            covariance[a * code + b] +=
              Double(clusters.sizes[cluster]) / n * offset[a] * offset[b]
          }
        }
      }
      components = PrincipalComponents(mean: mean, covariance: covariance)
      label = "\(Format.percent(components.share(0) + components.share(1))) of the clusters’ spread"
    } else {
      let n = embedding.header.shape[0]
      let rows = min(n, 4096)
      guard let components = PrincipalComponents(try embedding.rows(0..<rows), dimension: code)
      else { throw Failure.badInput(embedding.path, "has no finite row") }
      self.components = components
      label =
        "\(Format.percent(components.share(0) + components.share(1))) of the documents’ spread"
    }
  }

  func project(_ point: [Double]) -> (x: Double, y: Double) { components.project(point) }
}
