import Charts
import Datasets
import Diagnostics
import FoundationEssentials
import ModelSelection
import Runs

/// Figure 6: NMI and generalizability over the number of clusters.
struct SelectionFigure: Exhibit {
  let title = "Figure 6: NMI and generalizability over the number of clusters"
  let explanation = """
    G = L_train / L_validation of the KL phase on subsamples of the documents (Section 5.5), from the autoencoder \
    of the default training. On MNIST the paper sees G drop sharply from 9 to 10 clusters, and the highest \
    NMI at 9. Beside them the stability of the clusters and the gap, by which dec choose-k answers.
    """

  /// From 2 to twice as many clusters as there are classes.
  private static func cell(on corpus: CorpusEntry, _ plan: Plan) -> Cell {
    let training = Method.training(seed: 0, on: corpus, plan)
    let last = max(8, 2 * corpus.clusterCount)
    return Cell(
      "\(plan.runs)/\(corpus.name)/choose-k/2-to-\(last)-seed-0", on: corpus, needs: [training],
      ["choose-k", corpus.dataset.path, "--from", "2", "--to", "\(last)"]
        + ["--model", "\(plan.output)/\(training.path)", "--preset", plan.preset.rawValue]
        + (plan.isQuick ? ["--max-iterations", "20"] : []))
  }

  func cells(on corpus: CorpusEntry, _ plan: Plan) -> [Cell] {
    guard corpus.isLabelled else { return [] }
    return [Method.training(seed: 0, on: corpus, plan), Self.cell(on: corpus, plan)]
  }

  func part(on corpus: CorpusEntry, _ results: Results) throws -> ExhibitPart {
    guard corpus.isLabelled else { return .unlabelled }
    let cell = Self.cell(on: corpus, results.plan)
    let bytes = try WholeFile.read(results.folder(of: cell).file(RunFolder.Name.selection))
    let selection = try Selection(json: bytes)
    let json = try JSONDecoder().decode(JSON.self, from: Data(bytes))
    return ExhibitPart(
      html: SelectionPage(selection, dataset: corpus.name).sections,
      json: [
        "run": .string(cell.path), "answers": json["answers"], "curves": json["curves"],
      ])
  }
}
