import Charts
import Datasets
import DenseMath
import Diagnostics
import Runs
import Visualization

/// Figure 5: the code of some documents as the KL phase proceeds.
struct EpochMaps: Exhibit {
  let title = "Figure 5: the code as the KL phase proceeds"
  let explanation = """
    The same documents, drawn at random, at the start of the KL phase and after some of its epochs (n / 256 \
    iterations): maps of their codes by t-SNE (perplexity 30), each from the map before. Colours are \
    classes. Each map is of a run of dec cluster of its own, from the same autoencoder and seed, that ends there; \
    where the phase has ended earlier, it is of the end.
    """
  /// The paper's, beside the start.
  private static let epochs = [3, 6, 9, 12]
  private static let documentCount = 2000
  private static let batchSize = 256

  /// A run that ends after an epoch.
  private static func cell(epoch: Int, on corpus: CorpusEntry, _ plan: Plan) -> Cell {
    let training = DECRun.cell(on: corpus, plan)
    let length = (corpus.dataset.info.samples + batchSize - 1) / batchSize
    return Cell(
      "\(plan.runs)/\(corpus.name)/dec/epochs-\(epoch)-seed-0", on: corpus, needs: [training],
      ["cluster", corpus.dataset.path, "--clusters", "\(corpus.clusterCount)"]
        + ["--model", "\(plan.output)/\(training.path)", "--seed", "0"]
        + plan.clustering.without("--max-iterations")
        + ["--max-iterations", "\(epoch * length)"])
  }

  func cells(on corpus: CorpusEntry, _ plan: Plan) -> [Cell] {
    guard corpus.isLabelled else { return [] }
    return [DECRun.cell(on: corpus, plan)]
      + Self.epochs.map { Self.cell(epoch: $0, on: corpus, plan) }
  }

  /// The code of the shown documents after an epoch, and how good all clusters were.
  private struct Moment {
    var epoch: Int
    var run: String
    var codes: Matrix
    var acc: Double?
  }

  func part(on corpus: CorpusEntry, _ results: Results) throws -> ExhibitPart {
    guard corpus.isLabelled else { return .unlabelled }
    let n = corpus.dataset.info.samples
    let shown = DocumentOrder.drawn(seed: 5).documents(of: n, limit: Self.documentCount)
    let labels = try corpus.dataset.labels(0..<n) ?? []
    let moments = try self.moments(shown, on: corpus, results)
    var places: Matrix?
    var plots: [String] = []
    var json: [JSON] = []
    for moment in moments {
      let map = TSNE().fit(moment.codes, from: places)
      places = map.points
      let acc = moment.acc.map { ", ACC \(Format.percent($0))" } ?? ""
      plots.append(
        Scatter(
          title: "epoch \(moment.epoch)\(acc)",
          points: shown.enumerated().map { row, i in
            (Double(map.points[row, 0]), Double(map.points[row, 1]), Int(labels[i]))
          }, xLabel: "t-SNE", yLabel: ""
        ).svg)
      json.append(
        .object([
          "epoch": .integer(moment.epoch), "run": .string(moment.run),
          "acc": moment.acc.map { .number($0) } ?? .null, "divergence": .number(map.divergence),
        ]))
    }
    let course = try course(
      of: Self.cell(epoch: Self.epochs.last!, on: corpus, results.plan), n, results)
    return ExhibitPart(
      html: [HTML.figures(plots, "large"), legend(corpus)]
        + [course.svg.map { HTML.figures([$0]) }].compactMap { $0 },
      json: ["documents": .integer(shown.count), "maps": .array(json)])
  }

  private func moments(
    _ shown: [Int], on corpus: CorpusEntry, _ results: Results
  ) throws -> [Moment] {
    let first = try DECRun(on: corpus, results)
    let all = try first.start().codes
    var start = Matrix(rows: 0, columns: all.columns)
    start.gatherRows(shown, of: all)
    return [
      Moment(
        epoch: 0, run: first.cell.path, codes: start, acc: first.record.outcome.initial?.acc)
    ]
      + (try Self.epochs.map { epoch in
        let cell = Self.cell(epoch: epoch, on: corpus, results.plan)
        let folder = results.folder(of: cell)
        let path = folder.file(RunFolder.Name.embedding)
        guard let reader = try folder.matrix(RunFolder.Name.embedding) else {
          throw Failure.io(path, "is missing", hint: "remove the run's folder, and call it again")
        }
        let all = Matrix(
          rows: reader.header.shape[0], columns: reader.header.shape[1],
          elements: try reader.floats(0..<reader.header.count))
        var codes = Matrix(rows: 0, columns: all.columns)
        codes.gatherRows(shown, of: all)
        return Moment(
          epoch: epoch, run: cell.path, codes: codes,
          acc: results.record(of: cell)?.outcome.final?.acc)
      })
  }

  /// ACC at each refresh of the longest run.
  private func course(of cell: Cell, _ n: Int, _ results: Results) throws -> LineChart {
    let points = try results.folder(of: cell).events().compactMap {
      event -> (x: Double, y: Double)? in
      guard event["phase"].string == "kl", let iteration = event["iteration"].number,
        let acc = event["acc"].number
      else { return nil }
      return (iteration * Double(Self.batchSize) / Double(n), 100 * acc)
    }
    var chart = LineChart(
      title: "ACC over the epochs", series: [.init(name: "ACC", points: points)], unit: " %")
    chart.xLabel = "epoch of the KL phase"
    return chart
  }

  private func legend(_ corpus: CorpusEntry) -> String {
    let names = corpus.dataset.info.classNames.enumerated().map {
      "<span>\(Palette.swatch($0))\(HTML.escape($1))</span>"
    }
    return "<p class=\"legend\">Classes: \(names.joined(separator: " "))</p>"
  }
}

extension [String] {
  /// The words of a command without an option and its values.
  func without(_ option: String) -> [String] {
    indices.filter { self[$0] != option && ($0 == 0 || self[$0 - 1] != option) }
      .map { self[$0] }
  }
}
