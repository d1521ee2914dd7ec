import Charts
import DenseMath
import Diagnostics
import Visualization

/// Where the documents of the sample are on the map.
struct DocumentMap {
  /// The documents shown, a selection of the dataset's.
  var documents: [Int]
  /// Where each is in the plot, in the units of its viewBox.
  var places: [(x: Double, y: Double)]
  /// Whether it is a map by t-SNE, and not a plane through the embedding.
  var isSpread: Bool
  var byCluster: PointMap
  /// Nil without labels.
  var byClass: PointMap?
}

extension Report {
  /// The most classes that the legend names.
  private static let mostNames = 40

  private static let spreadExplanation =
    "by t-SNE, which keeps neighbours together: groups mean something, distances between groups and "
    + "their sizes mean little."
  private static let planeExplanation =
    "in the plane in which the clusters are furthest apart. The embedding has more dimensions: "
    + "clusters that overlap here may be apart there."

  /// The map of the sample; nil where the run has no embedding.
  var documentMap: DocumentMap? {
    guard let embedding = run.embedding, let clusters, let assignments = run.assignments,
      let plane = try? EmbeddingPlane(embedding, assignments, clusters)
    else { return nil }
    var documents: [Int] = []
    var codes: [Float] = []
    for document in shown.sample where assignments[document] >= 0 {
      guard let z = try? embedding.rows(document..<document + 1), z.allSatisfy(\.isFinite) else {
        continue
      }
      documents.append(document)
      codes += z
    }
    guard !documents.isEmpty else { return nil }
    let columns = embedding.header.shape[1]
    var places = documents.indices.map { i in
      plane.project(codes[i * columns..<(i + 1) * columns].map(Double.init))
    }
    let isSpread = documents.count >= Self.fewestForSpread
    if isSpread { places = Self.spread(codes, columns: columns, from: places) }
    func scatter(_ title: String, _ kind: (Int) -> Int) -> PointMap {
      PointMap(
        title: title, points: zip(documents, places).map { ($1.x, $1.y, kind($0)) },
        label: isSpread ? "t-SNE of the embedding" : plane.label)
    }
    var byCluster = scatter("By cluster") { Int(assignments[$0]) }
    let bySize = clusters.sizes.indices.sorted {
      (clusters.sizes[$1], $0) < (clusters.sizes[$0], $1)
    }
    for cluster in bySize where clusters.sizes[cluster] > 0 {
      let members = documents.indices.filter { Int(assignments[documents[$0]]) == cluster }
      guard !members.isEmpty else { continue }
      let place = (
        x: Self.median(members.map { places[$0].x }), y: Self.median(members.map { places[$0].y })
      )
      let name = topics[cluster].name
      byCluster.marks.append(
        .init(
          x: place.x, y: place.y, number: String(cluster),
          name: name == Self.plainName(cluster) ? "" : Self.shortened(name, to: 30)))
    }
    let kinds = classKinds
    let labels = run.labels
    return DocumentMap(
      documents: documents, places: byCluster.places, isSpread: isSpread, byCluster: byCluster,
      byClass: scores == nil
        ? nil
        : labels.map { labels in
          scatter("By class") { labels[$0] < 0 ? -1 : kinds[Int(labels[$0])] }
        })
  }

  /// The fewest documents of which t-SNE makes a map; fewer are seen well enough in a plane.
  private static let fewestForSpread = 1000

  /// The map by t-SNE that begins at the given places.
  private static func spread(
    _ codes: [Float], columns: Int, from places: [(x: Double, y: Double)]
  ) -> [(x: Double, y: Double)] {
    let n = places.count
    var tsne = TSNE()
    tsne.iterations = 500
    let map = tsne.fit(
      Matrix(rows: n, columns: columns, elements: codes),
      from: Matrix(rows: n, columns: 2, elements: places.flatMap { [Float($0.x), Float($0.y)] }))
    return (0..<n).map { (Double(map.points[$0, 0]), Double(map.points[$0, 1])) }
  }

  private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

  func mapSection(_ map: DocumentMap?) -> PageSection? {
    guard let map, let n = run.samples else { return nil }
    var parts = [
      HTML.note(
        HTML.escape(
          "\(Format.counted(map.documents.count, "document")) of \(Format.count(n)), "
            + (map.isSpread ? Self.spreadExplanation : Self.planeExplanation)
            + " Numbers stand in the middle of the clusters.")),
      """
      <p class="moving"><input type="search" id="search" placeholder="Search these documents"
      aria-label="Search the documents of the map"></p>
      <div id="found" class="moving"></div>
      """,
    ]
    var figures = "<div class=\"figures large\">\n<div class=\"map\" id=\"map-cluster\">"
    figures += "<figure>\(map.byCluster.svg)</figure></div>\n"
    if let byClass = map.byClass {
      figures += "<div class=\"map\"><figure>\(byClass.svg)</figure></div>\n"
    }
    parts.append(figures + "</div>")
    if map.byClass != nil { parts.append(classLegend(classKinds)) }
    return PageSection("The map", id: "map", parts)
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
}
