import Charts
import Diagnostics

/// Where the documents of the sample are on the map.
struct DocumentMap {
  /// The documents shown, a selection of the dataset's.
  var documents: [Int]
  /// Where each is in the plot, in the units of its viewBox.
  var places: [(x: Double, y: Double)]
  var byCluster: PointMap
  /// Nil without labels.
  var byClass: PointMap?
}

extension Report {
  /// The most classes that the legend names.
  private static let mostNames = 40

  /// The map of the sample; nil where the run has no embedding.
  var documentMap: DocumentMap? {
    guard let embedding = run.embedding, let clusters, let assignments = run.assignments,
      let plane = try? EmbeddingPlane(embedding, assignments, clusters)
    else { return nil }
    var documents: [Int] = []
    var places: [(x: Double, y: Double)] = []
    for document in shown.sample where assignments[document] >= 0 {
      guard let z = try? embedding.rows(document..<document + 1), z.allSatisfy(\.isFinite) else {
        continue
      }
      documents.append(document)
      places.append(plane.project(z.map(Double.init)))
    }
    guard !documents.isEmpty else { return nil }
    func scatter(_ title: String, _ kind: (Int) -> Int) -> PointMap {
      PointMap(
        title: title, points: zip(documents, places).map { ($1.x, $1.y, kind($0)) },
        label: plane.label)
    }
    var byCluster = scatter("By cluster") { Int(assignments[$0]) }
    let bySize = clusters.sizes.indices.sorted {
      (clusters.sizes[$1], $0) < (clusters.sizes[$0], $1)
    }
    for cluster in bySize where clusters.sizes[cluster] > 0 {
      let place = plane.project(clusters.means[cluster])
      guard place.x.isFinite, place.y.isFinite else { continue }
      let name = topics[cluster].name
      byCluster.marks.append(
        .init(
          x: place.x, y: place.y, number: String(cluster),
          name: name == Self.plainName(cluster) ? "" : Self.shortened(name, to: 30)))
    }
    let kinds = classKinds
    let labels = run.labels
    return DocumentMap(
      documents: documents, places: byCluster.places, byCluster: byCluster,
      byClass: scores == nil
        ? nil
        : labels.map { labels in
          scatter("By class") { labels[$0] < 0 ? -1 : kinds[Int(labels[$0])] }
        })
  }

  func mapSection(_ map: DocumentMap?) -> PageSection? {
    guard let map, let n = run.samples else { return nil }
    var parts = [
      HTML.note(
        HTML.escape(
          "\(Format.counted(map.documents.count, "document")) of \(Format.count(n)), in the plane in which "
            + "the clusters are furthest apart. The embedding has more dimensions: clusters that overlap "
            + "here may be apart there. Numbers stand at the means of the clusters.")),
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
