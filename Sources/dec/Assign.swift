import ArgumentParser
import Assignment
import Collectives
import Datasets
import Diagnostics
import Runs

struct Assign: JobCommand {
  static let configuration = CommandConfiguration(
    abstract: "Cluster new documents with a trained model.",
    discussion: """
      Example:
        dec assign run news/ more.jsonl.gz --output clusters.tsv
        zcat lines.gz | dec assign run - --output -        (a line a document, or JSON lines)
        mpirun -n 2 dec assign run data --output clusters.npy
      INPUT is raw text (folders, .txt, .jsonl, .csv, .tsv; RCV1's token files for a run on them), a
      dataset folder, a .npy matrix of unscaled values, or - for standard input.
      """)

  @Argument(help: "Run folder.") var folder: String
  @Argument(help: "Text files or folders, a dataset folder, a .npy matrix, or -.")
  var input: [String]
  @Option(help: "File to write: .tsv, .jsonl or .npy; - for standard output.") var output: String
  @Option(help: "Column or field of the text.") var textColumn = "text"
  @Option(help: "Column or field of the id; otherwise \"id\" where there is one.")
  var idColumn: String?
  @Flag(help: "Take each line of a text file for a document.") var lines = false
  @Option(help: "Threads of each rank; otherwise its cores.") var threads: Int?
  @Flag(help: "Say nothing.") var quiet = false

  func validate() throws {
    try require("--threads", threads, .positive)
    guard !input.isEmpty else { throw ValidationError("give documents, or - for standard input") }
    guard input.count == 1 || !input.contains("-") else {
      throw ValidationError("standard input (-) is read alone")
    }
  }

  func run(over world: any Communicator) throws {
    Job.isQuiet = quiet
    Job.useThreads(threads, over: world)
    let start = Clock.seconds
    // 1. The model, and the source of its input rows.
    let (format, run) = try world.together {
      (try AssignmentFormat(output: output), try TrainedRun(opening: folder))
    }
    try world.requireSame([
      CommonFact(
        "model", run.fingerprint, hint: "put \(folder) where every host sees the same one")
    ])
    let source = try openSource(for: run, over: world)
    // 2. All ranks assign, batch by batch; rank 0 writes.
    let file = try world.together {
      world.isRoot ? try StreamedFile(output == "-" ? nil : output) : nil
    }
    try world.together { try file?.append(format.header) }
    let totals = try AssignmentTotals(assigning: source, by: run.assigner, as: format, over: world)
    {
      try file?.append($0)
    }
    // 3. The file gets its name when it is complete.
    try world.together {
      if format == .npy {
        try file?.replaceStart(NPY.header(shape: [totals.documents], type: .int32))
      }
      try file?.finish()
    }
    summarize(totals, seconds: Clock.seconds - start)
  }

  private func summarize(_ totals: AssignmentTotals, seconds: Double) {
    var parts = ["\(totals.documents) documents"]
    if totals.empty > 0 { parts.append("\(totals.empty) of them without any known \(totals.unit)") }
    if totals.invalid > 0 { parts.append("\(totals.invalid) sequences that are no UTF-8") }
    let rate = Int(Double(totals.documents) / max(seconds, 1e-3))
    parts.append("\(Format.fixed(seconds, 1)) s (\(rate) a second)")
    let sizes = totals.sizes.prefix(20).map { String($0) }.joined(separator: " ")
    parts.append("clusters of \(sizes)\(totals.sizes.count > 20 ? " ..." : "")")
    Job.note(parts.joined(separator: ", ") + (output == "-" ? "" : ": \(output)"))
  }

  private static func isMatrix(_ input: String) -> Bool {
    input.hasSuffix(".npy") || input.hasSuffix(".npy.gz")
  }

  /// Collective.
  private func openSource(
    for run: TrainedRun, over world: any Communicator
  ) throws -> any AssignmentSource {
    let folders = try world.together {
      let folders = input.filter { WholeFile.exists("\($0)/dataset.json") }
      let matrices = input.filter(Self.isMatrix)
      guard input.count == 1 || folders.isEmpty && matrices.isEmpty else {
        throw Failure.usage(
          "\((folders + matrices)[0]) among other inputs",
          hint: "assign a dataset folder or a matrix alone")
      }
      return folders
    }
    try world.requireSame([
      CommonFact(
        "kind of input", folders.isEmpty ? "no dataset folder" : "a dataset folder",
        hint: "put it where every host sees the same one")
    ])
    if let folder = folders.first {
      return try DatasetAssignmentSource(
        folder, for: run, over: world, warn: Job.warn)
    }
    if Self.isMatrix(input[0]) {
      return try MatrixAssignmentSource(input[0], for: run, over: world)
    }
    return try world.together {
      try TextAssignmentSource(run, threads: Job.threadCount, over: world) {
        var reader = TextReader()
        reader.textColumn = textColumn
        reader.idColumn = idColumn ?? reader.idColumn
        reader.labelColumn = nil
        reader.readsLines = lines
        reader.requiresColumns.id = idColumn != nil
        if input == ["-"] { return LineStream(reader: reader) }
        if let note = reader.note(on: input) { Job.note(note) }
        return try DocumentFiles(input, reader: reader, areTokenFiles: run.isOfTokenFiles)
      }
    }
  }
}
