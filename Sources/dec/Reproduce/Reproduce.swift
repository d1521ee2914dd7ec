import ArgumentParser
import Collectives
import Datasets
import DeepClustering
import Diagnostics
import Reproduction

extension ExhibitName: ExpressibleByArgument {}

struct Reproduce: JobCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run the paper's experiments, and set our figures beside the paper's.",
    discussion: """
      Example:
        mpirun -n 2 dec reproduce table-2 figure-2 --data corpora --output paper
        dec reproduce table-4 --data corpora --corpora mnist --output paper --quick
      The output gets a page NAME.html, results.json, and a run folder for each method, setting and seed below
      runs/. Called again, finished runs are kept and one that was interrupted goes on.
      """)

  @Argument(help: "What to make: \(ExhibitName.allCases.map(\.rawValue).joined(separator: ", ")).")
  var names: [ExhibitName]
  @Option(
    help: """
      A folder with corpora in its subfolders: datasets, or files of RCV1-v2, MNIST or STL-10, or a file of JSON \
      lines, CSV or TSV.
      """) var data: String
  @Option(help: "Folder of the pages and the runs.") var output: String
  @Option(help: "Names of the corpora to take, with commas between; otherwise all.")
  var corpora: String?
  @Flag(help: "Minutes in place of hours: few iterations, seeds and settings, 10,000 documents.")
  var quick = false
  @Option(help: "Seeds of the default setting; otherwise 5, or 2 with --quick.") var seeds: Int?
  @Option(help: "Settings of each method, at most the paper's 9; otherwise 9, or 3 with --quick.")
  var settings: Int?
  @Option(help: "Settings of every training: paper or default.") var preset: Preset = .default
  @Option(
    help: "Options for every dec train, in one word: --train-options=\"--layers 500,500,10\".")
  var trainOptions = ""
  @Option(
    help:
      "Options for every dec train and dec cluster, likewise: --cluster-options=\"--tolerance 0\".")
  var clusterOptions = ""
  @Option(help: "Threads of each rank; otherwise its cores.") var threads: Int?
  @Flag(help: "Only the names of the pages.") var quiet = false

  func validate() throws {
    try require("--seeds", seeds, .range(1...1000))
    try require("--settings", settings, .range(0...Plan.settingsOfThePaper))
    try require("--threads", threads, .positive)
  }

  func run(over world: any Communicator) throws {
    let plan = plan
    try makeOutput(plan, over: world)
    // 1. The corpora, prepared where they are not.
    let preparation = CorpusPreparation(plan, quiet: quiet, over: world)
    let corpora = try preparation.corpora(in: Job.absolute(data), named: wantedCorpora)
    // 2. Runs, one after another, and pages.
    var runner = CellRunner(plan, threads: threads, quiet: quiet, over: world)
    for name in names {
      let parts = try corpora.flatMap { corpus in
        try name.exhibit.corpora(of: corpus).map { try preparation.part($0, of: corpus) }
      }
      for corpus in parts {
        for cell in name.exhibit.cells(on: corpus, plan) { try runner.run(cell) }
      }
      try write(name, parts, runner.results, over: world)
    }
  }

  private var plan: Plan {
    var plan = Plan(output: Job.absolute(output))
    plan.preset = preset
    plan.isQuick = quick
    plan.seedCount = seeds ?? (quick ? 2 : 5)
    plan.settingCount = settings ?? (quick ? 3 : Plan.settingsOfThePaper)
    plan.trainOptions = trainOptions.split(separator: " ").map(String.init)
    plan.clusterOptions = clusterOptions.split(separator: " ").map(String.init)
    return plan
  }

  private func makeOutput(_ plan: Plan, over world: any Communicator) throws {
    try world.together {
      guard world.isRoot else { return }
      for name in ["dataset.json", "run.json"] where WholeFile.exists("\(plan.output)/\(name)") {
        throw Failure.usage(
          "\(output) holds a \(name)", hint: "choose a folder of its own for the pages")
      }
      try WholeFile.makeFolder(plan.output, replacing: true)
    }
  }

  private var wantedCorpora: [String]? {
    corpora.map { $0.split(separator: ",").map(String.init) }
  }

  private func write(
    _ name: ExhibitName, _ corpora: [CorpusEntry], _ results: Results,
    over world: any Communicator
  ) throws {
    Job.isQuiet = quiet
    try world.together {
      guard world.isRoot else { return }
      var page = Page(name, results)
      for corpus in corpora { try page.add(corpus) }
      Job.say(try page.write(command: "dec " + command(name).joined(separator: " ")))
    }
  }

  /// That makes a page again.
  private func command(_ name: ExhibitName) -> [String] {
    func quoted(_ text: String) -> String { text.contains(" ") ? "\"\(text)\"" : text }
    var words = ["reproduce", name.rawValue, "--data", quoted(data), "--output", quoted(output)]
    if let corpora { words += ["--corpora", corpora] }
    if quick { words.append("--quick") }
    if let seeds { words += ["--seeds", "\(seeds)"] }
    if let settings { words += ["--settings", "\(settings)"] }
    if preset != .default { words += ["--preset", preset.rawValue] }
    if !trainOptions.isEmpty { words.append("--train-options=\"\(trainOptions)\"") }
    if !clusterOptions.isEmpty { words.append("--cluster-options=\"\(clusterOptions)\"") }
    return words
  }
}
