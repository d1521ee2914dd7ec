import Charts
import Diagnostics

/// The clusters over a column of the corpus.
extension Report {
  var columnSection: PageSection? {
    guard let column, let clusters, let assignments = run.assignments else { return nil }
    var counts = clusters.sizes.map { _ in [Int](repeating: 0, count: column.groups.count) }
    var totals = [Int](repeating: 0, count: column.groups.count)
    for (document, group) in column.groupOfDocument.enumerated() {
      guard let group, assignments[document] >= 0 else { continue }
      counts[Int(assignments[document])][group] += 1
      totals[group] += 1
    }
    func share(_ cluster: Int, _ group: Int) -> Double {
      Double(counts[cluster][group]) / Double(max(1, totals[group]))
    }
    let largest =
      clusters.sizes.indices.flatMap { cluster in
        totals.indices.map { share(cluster, $0) }
      }.max() ?? 1
    let rows = clusters.sizes.indices.map { cluster in
      ShadedTable.Row(
        name: Self.shortened(numbered(cluster), to: 34),
        cells: totals.indices.map { group in
          counts[cluster][group] == 0
            ? nil
            : ShadedTable.Cell(
              text: Format.fixed(100 * share(cluster, group), 0),
              shade: share(cluster, group) / max(largest, 1e-9))
        })
    }
    let without = column.groupOfDocument.count { $0 == nil }
    var text =
      "Percent of the documents of each \(column.isDate ? "time" : "value") of “\(column.name)” that are in "
      + "each cluster."
    if without > 0 {
      text += " \(Format.counted(without, "document")) without a value are left out."
    }
    return PageSection(
      "The clusters over “\(column.name)”", id: "over",
      [HTML.note(HTML.escape(text)), ShadedTable(columns: column.groups, rows: rows).html])
  }
}
