import FoundationEssentials

/// What the page's script reads: the terms that each cluster may show, and the documents of the
/// map.
struct PageData: Encodable {
  /// The terms of a cluster that some relevance puts first.
  struct Terms: Encodable {
    var cluster: Int
    var words: [String] = []
    /// The documents of the cluster, and of all, that contain each.
    var inside: [Int] = []
    var all: [Int] = []
    /// The documents of the cluster, and its pairs of a document and a term.
    var size: Int
    var mass: Int
  }

  /// Parallel arrays, an element a document.
  struct Points: Encodable {
    var x: [Double] = []
    var y: [Double] = []
    var cluster: [Int] = []
    var name: [String] = []
    var text: [String] = []
    var label: [Int] = []
  }

  /// The terms that are shown of a cluster at a time.
  static let termCount = 10
  private static let openingLength = 110

  var terms: [Terms] = []
  var points = Points()
  /// The names of the clusters and of the classes.
  var clusters: [String] = []
  var classes: [String] = []
  var documents: Int
  var mass: Int
  var count = PageData.termCount

  init(_ report: Report, _ map: DocumentMap?) {
    documents = report.run.samples ?? 0
    mass = report.terms?.masses.reduce(0, +) ?? 0
    clusters = (0..<report.run.clusterCount).map { report.numbered($0) }
    if let terms = report.terms, let statistics = report.clusters {
      self.terms = statistics.sizes.indices.filter { statistics.sizes[$0] > 0 }.map { cluster in
        let list = terms.candidates(
          of: cluster, count: report.run.clusterCount > 120 ? 6 : Self.termCount)
        return Terms(
          cluster: cluster, words: list.map { terms.words[$0.feature] },
          inside: list.map(\.inCluster), all: list.map(\.inAll),
          size: statistics.sizes[cluster], mass: terms.masses[cluster])
      }
    }
    guard let map, let assignments = report.run.assignments else { return }
    let labels = report.scores == nil ? nil : report.run.labels
    if labels != nil { classes = report.run.classNames }
    for (document, place) in zip(map.documents, map.places) {
      points.x.append((place.x * 10).rounded() / 10)
      points.y.append((place.y * 10).rounded() / 10)
      points.cluster.append(Int(assignments[document]))
      points.name.append(report.shown.id(document))
      points.text.append(report.shown.opening(document, length: Self.openingLength) ?? "")
      if let labels { points.label.append(Int(labels[document])) }
    }
  }

  var json: String {
    (try? JSONEncoder().encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }
}
