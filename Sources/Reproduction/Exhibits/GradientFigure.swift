import Charts
import ClusteringMetrics
import DeepClustering
import DenseMath
import Diagnostics
import Runs

/// Figure 4: how strongly documents pull at the embedding, by how sure they are of their cluster.
struct GradientFigure: Exhibit {
  let title = "Figure 4: the gradient against q at the start of the KL phase"
  let explanation = """
    Documents of one cluster, drawn at random: ‖∂L/∂z_i‖ (Eq. 4, its Euclidean length) against q_ij of that \
    cluster. Below, ten documents at even ranks by q, the surest first.
    """
  /// The most points that are drawn.
  private static let mostPoints = 2000
  private static let seed: UInt64 = 0

  func cells(on corpus: CorpusEntry, _ plan: Plan) -> [Cell] {
    corpus.isLabelled ? [DECRun.cell(on: corpus, plan)] : []
  }

  func part(on corpus: CorpusEntry, _ results: Results) throws -> ExhibitPart {
    guard corpus.isLabelled else { return .unlabelled }
    let run = try DECRun(on: corpus, results)
    let start = try run.start()
    // Of the attempt that was kept, where the preset makes several.
    let exponent =
      run.record.outcome.attempts?.last?.frequencyExponent
      ?? run.record.clustering?.frequencyExponent ?? 1
    let magnitudes = start.gradientMagnitudes(frequencyExponent: exponent)
    // 1. A cluster, and its documents by descending q.
    let cluster = Self.cluster(start.clusterSizes)
    let q = start.softAssignment(of: 0..<start.codes.rows)
    let members = start.assignments.indices.filter { start.assignments[$0] == Int32(cluster) }
      .sorted { (q[$0, cluster], $1) > (q[$1, cluster], $0) }
    let class0 = try matchedClass(of: cluster, start, corpus)
    let labels = try corpus.dataset.labels(0..<corpus.dataset.info.samples)
    // 2. The points, evenly by rank.
    let shown = Self.even(Self.mostPoints, of: members)
    let plot = Scatter(
      title: "cluster \(cluster): \(Format.count(members.count)) documents",
      points: shown.map { i in
        let isMatched = labels.map { Int($0[i]) == class0 } ?? true
        return (Double(q[i, cluster]), magnitudes[i], isMatched ? 0 : 1)
      }, xLabel: "q_ij", yLabel: "‖∂L/∂z_i‖", hasEqualScales: false)
    // 3. Documents at each decile.
    let deciles = Self.even(10, of: members)
    let name = corpus.dataset.info.classNames[class0]
    return ExhibitPart(
      html: [
        HTML.figures([plot.svg], "large"),
        "<p class=\"legend\"><span>\(Palette.swatch(0))class \(HTML.escape(name)), the cluster’s"
          + "</span><span>\(Palette.swatch(1))other classes</span></p>",
        try table(deciles, q, cluster, magnitudes, labels, corpus),
      ],
      json: [
        "run": .string(run.cell.path), "cluster": .integer(cluster),
        "frequency_exponent": .number(exponent),
        "deciles": .array(
          deciles.map {
            .object([
              "document": .integer($0), "q": .number(Double(q[$0, cluster])),
              "gradient": .number(magnitudes[$0]),
            ])
          }),
      ])
  }

  /// A cluster at random, of those that are not small.
  private static func cluster(_ sizes: [Int]) -> Int {
    let large = sizes.indices.filter { sizes[$0] >= min(100, sizes.max() ?? 0) }
    var random = RandomStream(seed: seed, .sample, 4)
    return large[Int(random.integer(below: Int64(large.count)))]
  }

  /// At most `count` elements, from the first to the last.
  private static func even(_ count: Int, of members: [Int]) -> [Int] {
    guard members.count > count else { return members }
    return (0..<count).map { members[$0 * (members.count - 1) / (count - 1)] }
  }

  /// The class that the best matching of clusters and classes gives a cluster; the largest where it
  /// gives none.
  private func matchedClass(
    of cluster: Int, _ start: TargetRefresh, _ corpus: CorpusEntry
  ) throws -> Int {
    let labels = try corpus.dataset.labels(0..<start.assignments.count) ?? []
    let scores = Scores(
      Contingency(
        labels: labels, assignments: start.assignments, clusters: start.clusterSizes.count,
        classes: corpus.clusterCount))
    let row = scores.confusion[cluster]
    return scores.mapping[cluster] >= 0
      ? scores.mapping[cluster] : row.indices.max { row[$0] < row[$1] } ?? 0
  }

  private func table(
    _ documents: [Int], _ q: Matrix, _ cluster: Int, _ magnitudes: [Double], _ labels: [Int32]?,
    _ corpus: CorpusEntry
  ) throws -> String {
    let views = try DocumentViews(of: corpus)
    let header =
      ["Rank by q", "q", "‖∂L/∂z‖", "Class"] + [views.isOfPictures ? "Picture" : "Document"]
    let rows = try documents.enumerated().map { place, i in
      let label = labels?[i] ?? -1
      let words = try views.terms(i).joined(separator: ", ")
      return [
        "\(100 * place / max(1, documents.count - 1)) %", Format.fixed(Double(q[i, cluster]), 3),
        Format.short(magnitudes[i]),
        HTML.escape(label < 0 ? "none" : corpus.dataset.info.classNames[Int(label)]),
        views.isOfPictures
          ? try views.strip([i], of: corpus, name: "document \(i)")
          : HTML.escape(views.id(i) + (words.isEmpty ? "" : ": \(words)")),
      ]
    }
    return HTML.table(header, rows, "clusters")
  }
}
