import ArgumentParser
import Collectives
import Datasets
import Diagnostics

/// Options of the kinds whose input is numeric.
struct NumericInput: ParsableArguments {
  @Option(help: "Factor of the values, or none; otherwise the mean of (1/d)|x|^2 becomes 1.")
  var scale: String?
  @Option(help: "A file with the classes, one a document: lines, or .npy.") var labels: String?

  func validate() throws {
    guard scale == nil || factor != nil else {
      throw ValidationError("--scale is \(scale!), but must be none or a positive number")
    }
  }

  private var factor: Double? {
    if scale == "none" { return 1 }
    return scale.flatMap(Double.init).flatMap { $0 > 0 && $0.isFinite ? $0 : nil }
  }

  /// Reads the corpus and writes the dataset.
  func prepare(
    _ kind: String, _ input: [String], _ output: Prepare.Output, over world: any Communicator,
    _ read: (Scratch, ReadingProgress) throws -> NumericCorpus
  ) throws {
    Job.useThreads(nil, over: world)
    try output.prepare("\(kind) \(input.joined(separator: " "))", over: world) { writer in
      let start = Clock.seconds
      let reading = Prepare.Output.progress("reading", unit: 1e6)
      reading.total = input.reduce(0) { $0 + (WholeFile.size($1) ?? 0) }
      var documents = try read(Scratch(beside: output.output), reading)
      if let labels { try documents.corpus.readLabels(labels) }
      var writer = writer
      writer.progress = Prepare.Output.progress("writing", unit: 1)
      let info = try writer.write(documents, scale: factor)
      let seconds = Clock.seconds - start
      Job.note(
        "\(Format.fixed(seconds, 1)) s, \(Prepare.Output.rate(Double(reading.total) / seconds, 1e6))"
      )
      return info
    }
  }
}
