import Charts
import Datasets
import Diagnostics
import FoundationEssentials
import Runs

/// Writes an exhibit's page, `NAME.html`, and its part of `results.json`. Rank 0 does.
public struct Page {
  private let name: ExhibitName
  private let results: Results
  private var html: [String] = []
  private var json: [JSON] = []

  public init(_ name: ExhibitName, _ results: Results) {
    self.name = name
    self.results = results
  }

  /// Adds the section of a corpus.
  public mutating func add(_ corpus: CorpusEntry) throws {
    let part = try name.exhibit.part(on: corpus, results)
    let info = corpus.dataset.info
    var facts = "\(Format.count(info.samples)) documents, \(Format.count(info.features)) features"
    if let paper = corpus.paper {
      facts += ", beside the paper’s \(paper.rawValue)"
      if let (points, _, _, _) = PaperFigures.statistics[paper] {
        facts += " of \(Format.count(points))"
      }
      if corpus.retentionRate != nil { facts += " at this r_min" }
    }
    let path = HTML.escape(corpus.dataset.path)
    html.append(
      HTML.section(
        corpus.name, ["<p class=\"facts\">\(HTML.escape(facts)); \(path)</p>"] + part.html))
    var values = part.json
    values["corpus"] = .string(corpus.name)
    values["dataset"] = .string(corpus.dataset.path)
    values["samples"] = .integer(info.samples)
    json.append(.object(values))
  }

  /// - Parameter command: That makes the page again.
  /// - Returns: The page's path.
  public func write(command: String) throws -> String {
    let (exhibit, plan) = (name.exhibit, results.plan)
    var head = ["<h1>\(HTML.escape(exhibit.title))</h1>"]
    head.append(
      HTML.note(
        "Reproduction of Xie, Girshick and Farhadi, <i>Unsupervised Deep Embedding for Clustering "
          + "Analysis</i>, 2016, by preset <b>\(plan.preset.rawValue)</b>."))
    if let note = plan.note { head.append("<p class=\"warning\">\(HTML.escape(note))</p>") }
    head.append(HTML.note(exhibit.explanation))
    let foot = HTML.section(
      "How to make this page again",
      ["<pre style=\"white-space:pre-wrap\">\(HTML.escape(command))</pre>"])
    let path = "\(plan.output)/\(name.rawValue).html"
    try WholeFile.write(
      Array(HTML.page(title: exhibit.title, body: head + html + [foot]).utf8), to: path)
    try writeResults()
    return path
  }

  /// `results.json`: an object a page.
  private func writeResults() throws {
    let (plan, path) = (results.plan, "\(results.plan.output)/results.json")
    var all: [String: JSON] = [:]
    if WholeFile.exists(path),
      let earlier = try? JSONDecoder().decode(JSON.self, from: Data(try WholeFile.read(path)))
    {
      for (key, value) in earlier.entries { all[key] = value }
    }
    all[name.rawValue] = .object([
      "title": .string(name.exhibit.title), "preset": .string(plan.preset.rawValue),
      "quick": .bool(plan.isQuick), "seeds": .integer(plan.seedCount),
      "settings": .integer(plan.settingCount), "note": plan.note.map { .string($0) } ?? .null,
      "corpora": .array(json),
    ])
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try WholeFile.write(Array(try encoder.encode(JSON.object(all))) + [0x0a], to: path)
  }
}
