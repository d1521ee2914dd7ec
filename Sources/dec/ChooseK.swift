import ArgumentParser
import Collectives
import Datasets
import DeepClustering
import Diagnostics
import ModelSelection
import Runs

struct ChooseK: JobCommand {
  static let configuration = CommandConfiguration(
    abstract: "Which numbers of clusters the data suggest: a coarse, a middle and a fine one.",
    discussion: """
      Example:
        mpirun -n 2 dec choose-k data --from 2 --to 20 --output k
      It pretrains once, and clusters five subsamples for each k, at no more than three times the cost of one
      dec train. Then dec cluster data --model k --clusters K --output run goes on from its autoencoder.
      """)

  @Argument(help: "Dataset folder.") var data: String
  @Option(help: "The smallest number of clusters, at least 2.") var from: Int
  @Option(help: "The largest number of clusters.") var to: Int
  @Option(help: "Folder to write.") var output: String
  @Option(
    help: "A folder with a pretrained autoencoder, or a .safetensors file; otherwise it pretrains.")
  var model: String?
  @Option(help: "Documents, drawn at random, that subsamples are of.") var sample = 3000
  @Option(
    help:
      "Most iterations of each KL phase; otherwise as many as keep to three times one dec train.")
  var maxIterations: Int?
  @OptionGroup(title: "Pretraining") var pretraining: PretrainingOptions
  @OptionGroup(title: "All phases") var common: CommonOptions

  func validate() throws {
    try require("--from", from, .range(2...1000))
    try require("--to", to, .range(2...1000))
    guard to > from else {
      throw ValidationError("--to is \(to), but must be above --from, which is \(from)")
    }
    try require("--sample", sample, .positive)
    try require("--max-iterations", maxIterations, .notNegative)
  }

  func run(over world: any Communicator) throws {
    common.watch.start(over: world)
    if try Run.isDone("choose-k", output, common, over: world) { return }
    // 1. This rank's documents, and a sample of them.
    let input = try RunInput(data, common, clusters: nil, trainOn: sample, over: world)
    try requireRoom(input)
    let given = try model.map { try read($0, for: input) }
    let settings = pretraining.parameters(
      common, samples: input.data.samples, kind: input.kind)
    // 2. The folder and its record.
    let run = try Run(
      "choose-k", on: input, layers: given?.widths ?? settings.layers, output: output,
      common: common
    ) {
      if given == nil { $0.pretraining = settings }
      $0.model = model.map(Job.absolute)
      var selection = SelectionRecord()
      (selection.from, selection.to, selection.sample) = (from, to, sample)
      (selection.seed, selection.maxIterations) = (common.seed, maxIterations)
      $0.selection = selection
    }
    // 3. The autoencoder (Section 3.2).
    let autoencoder =
      try given
      ?? Pretraining(settings).fit(
        to: run.data, resuming: run.takeState(), observers: run.observers)
    try run.keep(autoencoder)
    // 4. Each k on subsamples (Section 5.5).
    let curves = try modelSelection(input.kind).curves(
      of: try input.documents(common), from: autoencoder, settings
    ) {
      Job.note($0.line)
      try run.stopIfAsked()
    }
    // 5. The answers.
    let selection = Selection(curves, seed: common.seed)
    try run.keep(selection)
    try run.finish()
    for answer in selection.answers {
      Job.say(
        "\(answer.name): \(answer.k) clusters (\(Format.percent(answer.confidence)) sure)")
    }
    Job.say(selection.verdict)
    Job.say("results: \(output); open \(output)/\(RunFolder.Name.selectionPage)")
  }

  /// Each subsample must have more documents than the largest k. Collective.
  private func requireRoom(_ input: RunInput) throws {
    try input.world.together {
      guard input.training.samples >= 4 * to else {
        throw Failure.usage(
          "--to \(to) for a sample of \(input.training.samples) documents",
          hint: "at most a quarter of the documents; lower --to, or raise --sample")
      }
    }
  }

  private func modelSelection(_ kind: CorpusKind) -> ModelSelection {
    var selection = ModelSelection(range: from...to) { k, samples in
      var parameters = common.preset.clustering(clusterCount: k, samples: samples, kind: kind)
      parameters.seed = common.seed
      parameters.batchSize = common.batchSize ?? parameters.batchSize
      return parameters
    }
    (selection.seed, selection.maxIterations) = (common.seed, maxIterations)
    return selection
  }

  /// Reads an autoencoder that fits the input. Collective.
  private func read(_ model: String, for input: RunInput) throws -> Autoencoder {
    let path = WholeFile.isFolder(model) ? "\(model)/\(RunFolder.Name.pretrained)" : model
    var bytes: [UInt8] = []
    try input.world.together { if input.world.isRoot { bytes = try WholeFile.read(path) } }
    input.world.broadcast(&bytes)
    return try input.world.together {
      let autoencoder = try Model(Safetensors(bytes, path: path), path: path).autoencoder
      try autoencoder.requireFit(input, path: path)
      return autoencoder
    }
  }
}

extension RunInput {
  /// Documents whose graph of neighbours is looked at.
  private static let graphSize = 10_000

  /// All documents, the sample to train on with any part of it, and that of the graph. Collective.
  fileprivate func documents(_ common: CommonOptions) throws -> ModelSelection.Documents {
    func drawn(_ count: Int) -> [Int] {
      DocumentOrder.drawn(seed: common.seed).documents(of: data.samples, limit: count)
    }
    let batchSize = common.batchSize ?? PretrainingParameters().batchSize
    func part(_ documents: [Int]) throws -> TrainingData {
      let part = Subset(of: dataset, documents: documents)
      let lanes = Lanes(
        samples: part.samples, batchSize: batchSize, rank: world.rank, of: world.size)
      return TrainingData(
        try world.together { try part.shard(lanes.documents) }, samples: part.samples,
        over: world)
    }
    let sample = drawn(training.samples)
    return ModelSelection.Documents(
      data, sample: training, labels: trainingLabels,
      graph: try part(drawn(min(Self.graphSize, data.samples)))
    ) { try part($0.map { sample[$0] }) }
  }
}

extension CurvePoint {
  fileprivate var line: String {
    func number(_ value: Double) -> String { Format.fixed(value, 3) }
    return "k \(clusters): stability \(number(stability)) ± \(number(stabilityInterval)), without "
      + "clusters \(number(stabilityBaseline)); G \(number(generalizability)) ± "
      + "\(number(generalizabilityInterval))"
      + (nmi.map { "; NMI \(number($0))" } ?? "")
  }
}
