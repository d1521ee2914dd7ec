import Charts
import Datasets
import DenseMath
import Diagnostics

/// The mean picture of each cluster, and those of its central and borderline documents, where the
/// rows of the dataset are pixels.
struct ClusterPictures {
  private struct Picture {
    var uri: String
    var caption: String
  }

  private var pictures: [Int: [(title: String, list: [Picture])]] = [:]

  /// A picture's longer side is at most this many pixels; of a larger one, every second pixel or
  /// fewer are taken.
  private static let mostPixels = 48

  func html(of cluster: Int) -> String {
    let galleries = (pictures[cluster] ?? []).map { title, list in
      let figures = list.map {
        "<figure><img alt=\"\" src=\"\($0.uri)\"/><figcaption>\(HTML.escape($0.caption))"
          + "</figcaption></figure>"
      }
      return "<div><h4>\(title)</h4>\n<div class=\"pictures\">\(figures.joined())</div></div>\n"
    }
    return "<div class=\"galleries\">\n\(galleries.joined())</div>\n"
  }

  /// - Returns: Nil where the dataset has no pictures.
  init?(
    _ dataset: DatasetFolder, _ assignments: [Int32], _ clusters: ClusterStatistics,
    of chosen: [Int], central: Int, borderline: Int, id: (Int) -> String
  ) throws {
    guard let shape = dataset.info.picture, dataset.info.layout == .dense else { return nil }
    let sums = try Self.sums(dataset, assignments, clusterCount: clusters.clusterCount)
    var rows = InputRows(columns: dataset.info.features, isSparse: false)
    // A pixel of 255 became 255 · scale.
    let white = 255 * Float(dataset.info.scale ?? 1)
    for cluster in chosen {
      let own = clusters.central[cluster].prefix(central)
      let border = clusters.borderline[cluster].filter { exemplar in
        !own.contains { $0.document == exemplar.document }
      }.prefix(borderline)
      func pictures(_ list: ArraySlice<ClusterStatistics.Exemplar>) throws -> [Picture] {
        try list.map { exemplar in
          let document = exemplar.document
          try dataset.shard(document..<document + 1).gather(
            document..<document + 1, into: &rows)
          let next = exemplar.rivalry > 0.5 ? exemplar.next.map { " or \($0)" } ?? "" : ""
          return Picture(
            uri: Self.png(Array(rows.dense.elements.prefix(shape.count)), shape, white: white),
            caption: "\(id(document)), \(Format.fixed(Double(exemplar.probability), 2))\(next)")
        }
      }
      let mean = sums[cluster].map { Float($0 / Double(clusters.sizes[cluster])) }
      self.pictures[cluster] = [
        ("Mean", [Picture(uri: Self.png(mean, shape, white: mean.max() ?? 0), caption: "")]),
        ("In the middle", try pictures(own)),
        ("At the border", try pictures(ArraySlice(border))),
      ].filter { !$0.list.isEmpty }
    }
  }

  /// The sums of each cluster's pictures.
  private static func sums(
    _ dataset: DatasetFolder, _ assignments: [Int32], clusterCount: Int
  ) throws -> [[Double]] {
    let d = dataset.info.features
    var sums = [[Double]](repeating: [Double](repeating: 0, count: d), count: clusterCount)
    var rows = InputRows(columns: d, isSparse: false)
    try ClusterStatistics.forEachChunk(assignments.count) { range in
      try dataset.shard(range).gather(range, into: &rows)
      rows.dense.withUnsafeElements { pixels in
        for (i, document) in range.enumerated() where assignments[document] >= 0 {
          sums[Int(assignments[document])].withUnsafeMutableBufferPointer { sum in
            for a in 0..<d { sum[a] += Double(pixels[i * d + a]) }
          }
        }
      }
    }
    return sums
  }

  /// - Parameter white: The value of a white pixel.
  private static func png(_ values: [Float], _ shape: PictureShape, white: Float) -> String {
    let step = (max(shape.height, shape.width) + mostPixels - 1) / mostPixels
    let (height, width) = (
      (shape.height + step - 1) / step, (shape.width + step - 1) / step
    )
    var pixels: [UInt8] = []
    for row in 0..<height {
      for column in 0..<width {
        let value = values[row * step * shape.width + column * step] / max(white, 1e-30)
        pixels.append(UInt8(255 * min(max(value.isFinite ? value : 0, 0), 1)))
      }
    }
    return PNG(.grey, width: width, height: height, values: pixels).uri
  }
}

extension Report {
  /// The pictures of the given clusters; nil where the documents are none.
  func pictures(of clusters: [Int], _ size: CardSize) -> ClusterPictures? {
    guard let dataset = run.dataset, let assignments = run.assignments,
      let statistics = self.clusters
    else { return nil }
    return try? ClusterPictures(
      dataset, assignments, statistics, of: clusters, central: size.central,
      borderline: size.borderline, id: shown.id)
  }
}
