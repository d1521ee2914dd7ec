import Charts
import Diagnostics

/// The shaded table of clusters against classes.
extension Report {
  /// The most cells of the table of clusters and classes: a larger one could not be read.
  private static let mostCells = 10_000

  /// Nil without labels.
  var confusionSection: PageSection? {
    guard let scores else { return nil }
    let (heading, id) = ("Clusters and classes", "classes")
    guard scores.clusters * scores.classes <= Self.mostCells else {
      return PageSection(
        heading, id: id,
        [
          HTML.note(
            "A table of \(scores.clusters) clusters and \(scores.classes) classes is too large to "
              + "show: dec evaluate prints it.")
        ])
    }
    // Clusters in the order of their largest classes, so that agreement lies on the diagonal.
    let largest = (0..<scores.clusters).map { largestClass(of: $0) }
    let order = largest.indices.sorted {
      let (a, b) = (largest[$0], largest[$1])
      return (a?.label ?? .max, -(a?.share ?? 0), $0) < (b?.label ?? .max, -(b?.share ?? 0), $1)
    }
    let rows = order.map { cluster in
      let row = scores.confusion[cluster]
      let total = row.reduce(0, +)
      return ShadedTable.Row(
        name: Self.shortened(numbered(cluster), to: 34),
        cells: row.map { count in
          count == 0
            ? nil
            : ShadedTable.Cell(
              text: Format.count(Int(count)), shade: Double(count) / Double(total))
        })
    }
    let table = ShadedTable(
      columns: (0..<scores.classes).map { label in
        label < run.classNames.count ? run.classNames[label] : "class \(label)"
      }, rows: rows)
    return PageSection(
      heading, id: id,
      [
        HTML.note(
          "Labelled documents of each cluster and class, the clusters in the order of their largest "
            + "classes. Shading is the class’s share of the cluster. Several clusters may have the same "
            + "largest class; ACC counts only one of them as right (Eq. 10)."),
        table.html,
      ])
  }
}
