import Charts
import Datasets
import Diagnostics
import Runs

/// Table 1: the corpora.
struct StatisticsTable: Exhibit {
  let title = "Table 1: the corpora"
  let explanation =
    "Every corpus is scaled so that the mean of ‖x‖²/d is 1. The paper’s figures are of its corpora; "
    + "a piece of one has fewer documents."

  func part(on corpus: CorpusEntry, _ results: Results) throws -> ExhibitPart {
    let info = corpus.dataset.info
    let labels = try corpus.dataset.labels(0..<info.samples)
    let largest = labels.map { Self.largestShare($0, classCount: info.classNames.count) }
    var rows = [
      [
        HTML.escape(corpus.name), Format.count(info.samples), "\(info.classNames.count)",
        Format.count(info.features), largest.map(Format.percent) ?? "–",
      ]
    ]
    var json: [String: JSON] = [
      "points": .integer(info.samples), "classes": .integer(info.classNames.count),
      "dimension": .integer(info.features),
      "largest_class": largest.map { .number($0) } ?? .null,
    ]
    if let paper = corpus.paper,
      let (points, classes, dimension, share) =
        PaperFigures.statistics[paper]
    {
      rows.append([
        "paper: \(paper.rawValue)", Format.count(points), "\(classes)", Format.count(dimension),
        Format.percent(share),
      ])
      json["paper"] = .object([
        "corpus": .string(paper.rawValue), "points": .integer(points),
        "classes": .integer(classes), "dimension": .integer(dimension),
        "largest_class": .number(share),
      ])
    }
    let header = ["Corpus", "Points", "Classes", "Dimension", "Largest class"]
    return ExhibitPart(html: [HTML.table(header, rows, "numbers")], json: json)
  }

  /// The share of the largest class among the documents that have one.
  static func largestShare(_ labels: [Int32], classCount: Int) -> Double {
    var sizes = [Int](repeating: 0, count: max(1, classCount))
    for label in labels where label >= 0 { sizes[Int(label)] += 1 }
    return Double(sizes.max()!) / Double(max(1, sizes.reduce(0, +)))
  }
}
