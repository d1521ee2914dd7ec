import Charts
import Datasets
import Diagnostics

/// The sections about the embedding: its map, and the probabilities of the clusters.
extension Report {
  /// The most documents on the map; of more, a selection evenly spaced over the dataset.
  private static let mostPoints = 3000
  /// The most classes that the legend names.
  private static let mostNames = 40
  /// The most documents from which the axes of the map are computed.
  private static let mostForAxes = 30_000

  var mapSection: String? {
    guard let embedding = run.embedding, let clusters, let assignments = run.assignments,
      let shown = try? Self.rows(embedding, of: Self.mostPoints),
      let many = try? Self.rows(embedding, of: Self.mostForAxes),
      let components = PrincipalComponents(many.values, dimension: embedding.header.shape[1])
    else { return nil }
    let code = embedding.header.shape[1]
    let places = shown.documents.indices.map {
      components.project(shown.values[$0 * code..<($0 + 1) * code])
    }
    let finite = places.indices.filter { places[$0].x.isFinite && places[$0].y.isFinite }
    guard !finite.isEmpty else { return nil }
    func scatter(_ title: String, _ kind: (Int) -> Int) -> Scatter {
      Scatter(
        title: title,
        points: finite.map { (places[$0].x, places[$0].y, kind(shown.documents[$0])) },
        xLabel: "first component, \(Format.percent(components.share(0))) of the variance",
        yLabel: "second component, \(Format.percent(components.share(1)))")
    }

    var byCluster = scatter("By cluster") { Int(assignments[$0]) }
    for (cluster, mean) in clusters.means.enumerated() where clusters.sizes[cluster] > 0 {
      let place = components.project(mean.map { Float($0) })
      guard place.x.isFinite, place.y.isFinite else { continue }
      byCluster.marks.append((place.x, place.y, String(cluster)))
    }
    var pictures = [byCluster.svg]
    var parts = [
      HTML.note(
        "\(Format.count(finite.count)) of \(Format.count(assignments.count)) documents, "
          + "by the two leading principal components of the embedding. Numbers stand at the means "
          + "of their clusters.")
    ]
    if scores != nil, let labels = run.labels {
      let kinds = classKinds
      pictures.append(
        scatter("By class") { labels[$0] < 0 ? -1 : kinds[Int(labels[$0])] }.svg)
      parts.append(HTML.figures(pictures, "large"))
      parts.append(classLegend(kinds))
    } else {
      parts.append(HTML.figures(pictures, "large"))
    }
    return HTML.section("The embedding", parts)
  }

  /// The colour index of each class: that of the cluster it is matched with, so that the two maps
  /// have the same colours where clusters and classes agree.
  private var classKinds: [Int] {
    guard let scores else { return [] }
    var kinds = [Int](repeating: -1, count: scores.classes)
    for (cluster, label) in scores.mapping.enumerated() where label >= 0 { kinds[label] = cluster }
    var next = scores.clusters
    for label in kinds.indices where kinds[label] < 0 {
      kinds[label] = next
      next += 1
    }
    return kinds
  }

  private func classLegend(_ kinds: [Int]) -> String {
    var names = kinds.indices.prefix(Self.mostNames).map {
      "<span>\(Palette.swatch(kinds[$0]))\(HTML.escape(className($0)))</span>"
    }
    if kinds.count > Self.mostNames { names.append("<span>and others</span>") }
    if run.labels?.contains(where: { $0 < 0 }) ?? false {
      names.append("<span>light grey: no label</span>")
    }
    return "<p class=\"legend\">Classes: \(names.joined(separator: " "))</p>"
  }

  /// Reads at most `count` rows, evenly spaced. It reads the matrix in large chunks: seeking to
  /// each row would take minutes on a network file system.
  private static func rows(
    _ matrix: NPYReader, of count: Int
  ) throws -> (documents: [Int], values: [Float]) {
    let n = matrix.header.shape[0]
    let m = min(n, count)
    let columns = matrix.header.shape[1]
    var documents: [Int] = []
    var values: [Float] = []
    try ClusterStatistics.forEachChunk(n) { range in
      let rows = try matrix.rows(range)
      while documents.count < m, range.contains(documents.count * n / m) {
        let document = documents.count * n / m
        let start = (document - range.lowerBound) * columns
        values += rows[start..<start + columns]
        documents.append(document)
      }
    }
    return (documents, values)
  }

  var confidenceSection: String? {
    guard let clusters, !clusters.histogram.isEmpty else { return nil }
    let n = Double(max(1, clusters.histogram.reduce(0, +)))
    func share(from bin: Int) -> String {
      Format.percent(Double(clusters.histogram[bin...].reduce(0, +)) / n)
    }
    let half = ClusterStatistics.binCount / 2
    return HTML.section(
      "How sure the clusters are",
      [
        HTML.note(
          "\(share(from: ClusterStatistics.binCount - 2)) of the documents have a probability of at "
            + "least 0.9 of their cluster, \(share(from: half)) of at least 0.5."),
        HTML.figures([Histogram(counts: clusters.histogram).svg], "large"),
      ])
  }
}
