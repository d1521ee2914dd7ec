import Charts
import Datasets
import Diagnostics
import Report
import Runs

/// Figure 3: the documents of each cluster with the largest q.
struct TopDocuments: Exhibit {
  let title = "Figure 3: the ten surest documents of each cluster"
  let explanation = """
    A row a cluster: the ten documents with the largest q of it, the largest first, as DEC at the default \
    setting from seed 0 has them.
    """
  private static let count = 10

  func cells(on corpus: CorpusEntry, _ plan: Plan) -> [Cell] {
    corpus.isLabelled ? [DECRun.cell(on: corpus, plan)] : []
  }

  func part(on corpus: CorpusEntry, _ results: Results) throws -> ExhibitPart {
    guard corpus.isLabelled else { return .unlabelled }
    let run = try DECRun(on: corpus, results)
    guard let q = try run.folder.matrix(RunFolder.Name.softAssignment) else {
      return ExhibitPart(html: [HTML.note("The run has not kept all of q.")], json: [:])
    }
    let top = try Self.top(q)
    let views = try DocumentViews(of: corpus)
    let terms = try run.folder.assignments(RunFolder.Name.assignments).flatMap {
      try topTerms(corpus.dataset, $0, clusterCount: top.count, count: 10)
    }
    let labels = try corpus.dataset.labels(0..<corpus.dataset.info.samples)
    let rows = try top.enumerated().map { cluster, documents in
      try row(cluster, documents.map(\.document), views, terms?[cluster], labels, corpus)
    }
    return ExhibitPart(
      html: [
        HTML.table(
          ["Cluster", views.isOfPictures ? "Surest pictures" : "Surest documents", "Classes"],
          rows, "clusters"),
        HTML.note("From <a href=\"\(run.cell.path)/report.html\">\(run.cell.path)</a>."),
      ],
      json: [
        "run": .string(run.cell.path),
        "clusters": .array(
          top.map { documents in
            .array(
              documents.map {
                .object([
                  "id": .string(views.id($0.document)), "document": .integer($0.document),
                  "q": .number(Double($0.q)),
                ])
              })
          }),
      ])
  }

  /// The documents with the largest q of each cluster, of equals the first ones.
  private static func top(_ q: NPYReader) throws -> [[(document: Int, q: Float)]] {
    let (n, k) = (q.header.shape[0], q.header.shape[1])
    var top = [[(document: Int, q: Float)]](repeating: [], count: k)
    for start in stride(from: 0, to: n, by: 4096) {
      let documents = start..<min(n, start + 4096)
      let rows = try q.elements(
        documents.lowerBound * k..<documents.upperBound * k, as: Float.self)
      for (e, value) in rows.enumerated() {
        let cluster = e % k
        if top[cluster].count == count, value <= top[cluster][count - 1].q { continue }
        let place = top[cluster].firstIndex { value > $0.q } ?? top[cluster].count
        top[cluster].insert((start + e / k, value), at: place)
        if top[cluster].count > count { top[cluster].removeLast() }
      }
    }
    return top
  }

  private func row(
    _ cluster: Int, _ documents: [Int], _ views: DocumentViews, _ terms: [String]?,
    _ labels: [Int32]?, _ corpus: CorpusEntry
  ) throws -> [String] {
    var shown: String
    if views.isOfPictures {
      shown = try views.strip(documents, of: corpus, name: "cluster \(cluster)")
    } else {
      shown = try documents.map { document in
        let words = try views.terms(document).joined(separator: ", ")
        return HTML.escape(views.id(document) + (words.isEmpty ? "" : ": \(words)"))
      }.joined(separator: "<br>")
      if let terms { shown = "<b>\(HTML.escape(terms.joined(separator: ", ")))</b><br>" + shown }
    }
    var counts: [Int32: Int] = [:]
    for document in documents { counts[labels?[document] ?? -1, default: 0] += 1 }
    let classes = counts.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.map { label, count in
      let name = label < 0 ? "none" : corpus.dataset.info.classNames[Int(label)]
      return "\(HTML.escape(name))&nbsp;×\(count)"
    }
    return ["\(cluster)", shown, classes.joined(separator: ", ")]
  }
}

extension ExhibitPart {
  /// Of a corpus whose number of clusters nobody knows.
  static var unlabelled: ExhibitPart {
    ExhibitPart(html: [HTML.note("The corpus has no classes.")], json: [:])
  }
}

extension DocumentViews {
  /// Pictures side by side.
  func strip(_ documents: [Int], of corpus: CorpusEntry, name: String) throws -> String {
    guard let shape = corpus.dataset.info.picture else { return "" }
    let gap = 2
    var bitmap = Bitmap(
      width: max(1, documents.count * (shape.width + gap) - gap), height: shape.height)
    for (place, document) in documents.enumerated() {
      bitmap.draw(
        try pixels(document), width: shape.width, atColumn: place * (shape.width + gap))
    }
    return bitmap.html(alternative: name)
  }
}
